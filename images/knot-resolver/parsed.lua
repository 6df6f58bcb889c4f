-- Ends well if these files can be parsed: SCRIPTS, separated by spaces. (They are not run: they may need what is not here.)
for script in os.getenv('SCRIPTS'):gmatch('%S+') do
	local parsed, problem = loadfile(script)
	if not parsed then
		io.stderr:write(problem, '\n')
		os.exit(1)
	end
end
os.exit(0)
