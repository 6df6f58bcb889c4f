-- A packet cache outlives its generation: a frontend that starts is given a copy by the one that serves, and fills its
-- own with it before it is used. ./inherit does the filling; this is what dnsdist has to do for it.
local register = dofile('/run/dnsdist/register.lua')
local REQUEST = register.SITE .. '/frontends/cache.request'
local FILLING = '/run/dnsdist/filling' -- while it is there, it holds the address where ./inherit answers

local inheritance = {}

-- Gives a copy to the heir that asks for one. The cache goes on answering meanwhile.
function inheritance.give()
  local heir = (register.read(REQUEST) or ''):match('^(%x+)\n$')
  if not heir or heir == register.me then return end
  os.remove(REQUEST)
  local copy = register.SITE .. '/frontends/' .. heir .. '.cache'
  os.remove(copy .. '.new') -- dump() writes no file that is there
  getPool(''):getCache():dump(copy .. '.new', true)
  assert(os.rename(copy .. '.new', copy))
  infolog('inheritance: gave a copy of the packet cache to ' .. heir)
end

local filling = false
-- While ./inherit is at work, what it asks from 127.0.0.3 is answered by itself, and cached as if a resolver had.
function inheritance.receive()
  local address = (register.read(FILLING) or ''):match('%S+')
  if address and not filling then
    filling = true
    newServer({ name = 'inherit', address = address, pool = 'inherit', sockets = 1 }):setUp()
    getPool('inherit'):setCache(getPool(''):getCache()) -- rules.lua sends what ./inherit asks to this pool
    register.write(FILLING .. '.ready', '')
  elseif filling and not address then
    filling = false
    -- A cache that a pool without servers shares is never cleaned.
    getPool('inherit'):unsetCache()
    for _, server in ipairs(getServers()) do
      if server:getName() == 'inherit' then rmServer(server) end
    end
  end
end

return inheritance
