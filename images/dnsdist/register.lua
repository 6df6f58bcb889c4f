-- The site's register, /run/site, as a frontend reads and writes it. (images/service-address/Dockerfile lists all of it.)
local register = { SITE = '/run/site', me = os.getenv('INSTANCE') }

-- What a file says; nil when it is not there.
function register.read(path)
  local file = io.open(path, 'r')
  if not file then return nil end
  local text = file:read('*a')
  file:close()
  return text
end

-- Writes a file whole or not at all.
function register.write(path, text)
  local file = assert(io.open(path .. '.new', 'w'))
  file:write(text)
  file:close()
  assert(os.rename(path .. '.new', path))
end

-- {backend = {id, ...}, frontend = {id}, ...}: the list `admitted` or `candidate`. It counts only with its last line,
-- "end COUNT": half a list is no list, and an empty one is returned.
function register.list(name)
  local text = register.read(register.SITE .. '/admission/' .. name)
  local body, count = (text or ''):match('^(.-)end (%d+)\n$')
  local list, lines = { backend = {}, frontend = {} }, 0
  for kind, id in (body or ''):gmatch('(%S+) (%S+)\n') do
    lines = lines + 1
    list[kind] = list[kind] or {}
    table.insert(list[kind], id)
  end
  return lines == tonumber(count) and list or { backend = {}, frontend = {} }
end

-- Whether a list has this frontend.
function register.names(list)
  for _, kind in ipairs({ 'frontend', 'standby' }) do
    for _, id in ipairs(list[kind] or {}) do
      if id == register.me then return true end
    end
  end
  return false
end

-- What this frontend is to use of a kind, such as `rules`: what is admitted, or what is offered while it does not serve
-- yet, so that it has that before it is used. And what is offered.
function register.wanted(kind, admitted, candidate)
  local offer = (candidate[kind] or {})[1]
  local fresh = register.names(candidate) and not register.names(admitted)
  return fresh and offer or (admitted[kind] or {})[1], offer
end

-- The address where a resolver is asked: it has recorded that itself.
function register.address(id)
  return (register.read(register.SITE .. '/backends/' .. id) or ''):match('^(%d+%.%d+%.%d+%.%d+:%d+)\n$')
end

-- The frontend that the service address leads to.
function register.lead()
  return (register.read(register.SITE .. '/steering/frontend') or ''):match('%S+')
end

return register
