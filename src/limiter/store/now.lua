-- The store's own clock, in microseconds: the only one that counts.
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
