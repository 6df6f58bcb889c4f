-- A module: says that it is there.
return { init = function() log_info(ffi.C.LOG_GRP_SYSTEM, 'greet: here') end }
