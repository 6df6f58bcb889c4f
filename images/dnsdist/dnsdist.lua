-- What this generation does beside answering: dnsdist calls maintenance() every second. (This file is loaded before
-- dnsdist.yml, when newServer and the like do not exist yet; inside maintenance() they do.)
local register = dofile('/run/dnsdist/register.lua')
local backends = dofile('/run/dnsdist/backends.lua')
local inheritance = dofile('/run/dnsdist/inheritance.lua')

local served = false -- the service address has led here
local superseded = false

-- A generation that is no longer admitted lets its clients go, once the service address leads elsewhere: every TCP
-- connection gets its next answer, then a clean end.
local function stepAside(lead, admitted)
  served = served or lead == register.me
  for _, kind in ipairs({ 'frontend', 'standby' }) do
    for _, id in ipairs(admitted[kind] or {}) do
      if id == register.me then return end
    end
  end
  if served and lead and lead ~= register.me and not superseded then
    superseded = true
    setMaxTCPQueriesPerConnection(1)
    infolog('frontend: superseded by ' .. lead)
  end
end

local function maintain()
  local lead, admitted = register.lead(), register.list('admitted')
  stepAside(lead, admitted)
  -- A superseded generation keeps what it has: its last clients are still being answered.
  backends.reconcile(admitted, register.list('candidate'), not superseded)
  backends.report()
  if lead == register.me then inheritance.give() end
  inheritance.receive()
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
-- path and must not wait for the global Lua lock (a per-thread FFI rule in dnsdist.yml); this one runs on time-outs only.
function retryOnce(response)
  if response:getRestartCount() < 1 then response:restart() end
  return DNSResponseAction.None
end
