-- The certificate of encrypted DNS, as the rollout delivers and admits it. (What dnsdist starts with is ./frontend's work.)
--
-- admission/certificates/FINGERPRINT  certificate.pem and key.pem
local register = dofile('/run/dnsdist/register.lua')
local TLS = '/run/dnsdist/tls/' -- where dnsdist.yml has it

local certificate = {}
local active = (register.list('admitted').certificate or {})[1]

-- dnsdist keeps the one before if it cannot use this one, and says so in its log alone: the rollout looks what is served.
function certificate.follow(admitted, candidate)
  local wanted = register.wanted('certificate', admitted, candidate)
  if not wanted or wanted == active or not os.getenv('TLS_NAME') then return end
  active = wanted
  for _, file in ipairs({ 'certificate.pem', 'key.pem' }) do
    local text = register.read(register.SITE .. '/admission/certificates/' .. wanted .. '/' .. file)
    register.write(TLS .. file, assert(text, 'certificate ' .. wanted .. ' has no ' .. file))
  end
  reloadAllCertificates()
  infolog('certificate: ' .. wanted)
end

return certificate
