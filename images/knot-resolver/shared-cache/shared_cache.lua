-- Shares this kresd's cache with others by way of Redis: modules.load('shared_cache'), shared_cache.config({ ... }).
-- The work is done in shared_cache.so; here are its settings, what it counts, and what the health check waits for.
local ffi = require('ffi')
local M = {}

local counted = { 'written', 'removed', 'acknowledged', 'errors', 'unreadable', 'overflown', 'received', 'applied', 'known',
	'forged', 'malformed', 'future', 'failed', 'warmed', 'warm_ms', 'resyncs', 'reseeded', 'connected', 'disconnects', 'warm',
	'queued', 'queued_bytes', 'dropped', 'clearing', 'unclear' } -- as in counters.h

-- As in link.h, replication.h and attach.c.
ffi.cdef('struct shared_cache_counters { uint64_t ' .. table.concat(counted, ', ') .. '; };' .. [[
struct link_settings {
	char host[256], user[64], password[256], ca_file[256];
	int port, database;
	uint32_t stall_ms;
};
struct replication_settings {
	struct link_settings redis;
	char name_space[96];
	uint64_t most_queued_bytes;
	uint32_t stale_seconds;
};
const struct shared_cache_counters *shared_cache_counters(void);
const char *shared_cache_start(void *cache, const struct replication_settings *settings, const char *key,
	const char *previous_key);
const char *shared_cache_clear(const char *name, size_t length);
void shared_cache_stop(void);
]])
local core = ffi.load('/usr/lib/knot-resolver/shared_cache.so')

local function lines_of(path)
	local lines = {}
	for line in io.lines(path) do table.insert(lines, line) end
	if not lines[1] then panic('[shared] %s is empty', path) end
	return lines
end

function M.counters()
	local counters, all = core.shared_cache_counters(), {}
	for _, name in ipairs(counted) do all[name] = tonumber(counters[name]) end
	return all
end

-- Until what the others know is here this instance says that it is not ready, but not for long: Redis may not be there,
-- and kresd can do without.
local function refuse_until_warm(name, patience)
	modules.load('policy')
	local rule = policy.add(policy.suffix(policy.REFUSE, { todname(name) }))
	local waited = 0
	local watch
	watch = event.recurrent(100, function ()
		local counters = core.shared_cache_counters()
		waited = waited + 0.1
		local gone = counters.connected == 0 and waited > patience / 3
		if counters.warm == 0 and not gone and waited < patience then return end
		policy.del(rule.id)
		event.cancel(watch)
	end)
end

-- For whoever asks for the statistics of kresd.
local function count_in_statistics()
	event.recurrent(sec, function ()
		if not stats then return end
		for name, count in pairs(M.counters()) do stats.set('shared_cache.' .. name .. '=' .. count) end
	end)
end

-- settings: host, namespace, key_file, and what else this says. In the file of the keys, the first line has the one that
-- signs; the second, if there is one, has the one before, whose signatures are good still.
function M.config(settings)
	local keys = lines_of(settings.key_file)
	local converted = ffi.new('struct replication_settings', {
		redis = {
			host = settings.host,
			port = settings.port or 6379,
			database = settings.database or 0,
			user = settings.user or 'default',
			password = settings.password_file and lines_of(settings.password_file)[1] or '',
			ca_file = settings.ca_file or '',
			stall_ms = settings.stall_ms or 3000,
		},
		name_space = settings.namespace,
		most_queued_bytes = settings.most_queued_bytes or 16 * 1024 * 1024,
		stale_seconds = settings.stale_seconds or 0,
	})
	local why = core.shared_cache_start(ffi.cast('void *', kres.context().cache), converted, keys[1], keys[2])
	if why ~= nil then panic('[shared] this cache cannot be shared: %s', ffi.string(why)) end
	count_in_statistics()
	if settings.ready then refuse_until_warm(settings.ready, settings.patience or 9) end
end

-- How every key of a name and of those below it begins: its labels from the root down, each with a zero byte.
local function beginning(name)
	local labels = {}
	for label in name:lower():gmatch('[^.]+') do table.insert(labels, 1, label .. '\0') end
	return table.concat(labels)
end

-- Clears a name and all below it: here, in Redis, and at the other instances that are connected.
function M.clear(name)
	local key = beginning(name)
	if key == '' then cache.clear() else cache.clear(name) end
	local why = core.shared_cache_clear(key, #key)
	return why ~= nil and ffi.string(why) or 'begun'
end

function M.deinit() core.shared_cache_stop() end

return M
