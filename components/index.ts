export { Dnsdist, type DnsdistArgs } from "./dnsdist";
export { RecursiveDns, type RecursiveDnsArgs } from "./recursive-dns";
export { RedisCache, type RedisCacheArgs } from "./redis-cache";
export { ResolverService, type ResolverServiceArgs } from "./resolver-service";
export { Rollout, type RolloutArgs } from "./rollout";
export { ServiceAddress, type ServiceAddressArgs } from "./service-address";
export { preflight } from "../config/preflight";
export { InvalidSettings } from "../config/resolve";
export { type ResolvedSettings, type Settings, resolveSettings } from "../config/settings";
