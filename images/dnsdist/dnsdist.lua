-- What this generation does beside answering: dnsdist calls maintenance() every second. (This file is loaded before
-- dnsdist.yml.)
enableLuaConfiguration() -- or there would be no rules here, and none of the functions that change things
local register = dofile('/run/dnsdist/register.lua')
local rules = dofile('/run/dnsdist/rules.lua')
local certificate = dofile('/run/dnsdist/certificate.lua')
local backends = dofile('/run/dnsdist/backends.lua')
local inheritance = dofile('/run/dnsdist/inheritance.lua')
local outage = dofile('/run/dnsdist/outage.lua')

local served = false -- the service address has led here
local superseded = false

-- A generation that is no longer admitted lets its clients go, once the service address leads elsewhere: every TCP
-- connection gets its next answer, then a clean end. HTTP/2 is another matter: see goaway.c.
local LEAVING = '/run/dnsdist/leaving'
local function stepAside(lead, admitted)
  served = served or lead == register.me
  if register.names(admitted) then return end
  if served and lead and lead ~= register.me and not superseded then
    superseded = true
    setMaxTCPQueriesPerConnection(1)
    register.write(LEAVING, '')
    infolog('frontend: superseded by ' .. lead)
  end
end

local collect = 0 -- rounds of garbage collection still due: what was removed stays pinned by Lua until then

local function maintain()
  local lead, admitted, candidate = register.lead(), register.list('admitted'), register.list('candidate')
  stepAside(lead, admitted)
  -- A superseded generation keeps what it has: its last clients are still being answered.
  if not superseded and rules.follow(admitted, candidate) then collect = 3 end
  if not superseded then certificate.follow(admitted, candidate) end
  local garbage, settled = backends.reconcile(admitted, candidate, rules, not superseded)
  if garbage then collect = 3 end
  if settled and not superseded then rules.forget() end
  backends.report()
  outage.watch(backends.anyUp())
  rules.watch()
  if lead == register.me then inheritance.give() end
  inheritance.receive()
  if collect > 0 then
    collect = collect - 1
    collectgarbage()
    collectgarbage()
  end
end

local complaint
function maintenance()
  local ok, problem = pcall(maintain)
  if not ok and problem ~= complaint then
    errlog('maintenance: ' .. tostring(problem))
    complaint = problem
  end
end

-- Retry: a query that timed out is asked once more of another backend. The rule that marks queries runs in the query
-- path and must not wait for the global Lua lock (a per-thread FFI rule, see rules.lua); this one runs on time-outs only.
function retryOnce(response)
  if response:getRestartCount() < 1 then response:restart() end
  return DNSResponseAction.None
end

rules.start()
