-- Asks for a turn. ARGV: slots, rest, patience (time until the call's deadline), ticket.
-- Answers {1, 0, ahead}      granted: the slot is the ticket's until it settles, at most until its deadline and a rest;
--         {0, wait, ahead}   wait <= patience: queued; ask again with the same ticket after exactly `wait`;
--                            wait > patience: hopeless, and not in the queue;
--         {-1, 0, 0}         the ticket has left: nobody waits for this answer any more.
local n, rest, patience, ticket = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
-- A waiter that asks no more counts as gone this long after it should have.
local heartbeat = 2000000

-- A store that evicts keys may have lost the waiters alone: nobody would take the dead ones out of the queue.
local first = redis.call('ZRANGE', queue, 0, 0)[1]
if first and not redis.call('ZSCORE', waiters, first) then redis.call('ZREMRANGEBYSCORE', queue, '-inf', '+inf') end
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', waiters, '-inf', now)) do
  redis.call('ZREM', queue, gone)
  redis.call('ZREM', waiters, gone)
end
redis.call('ZREMRANGEBYSCORE', slots, '-inf', now)

-- A repeated question, whose answer was lost. The lease stays: it was for the same deadline.
if redis.call('ZSCORE', slots, ticket) then return {1, 0, 0} end

local place = redis.call('ZRANK', queue, ticket)
if not place and redis.call('ZSCORE', waiters, ticket) then return {-1, 0, 0} end
local ahead = place or redis.call('ZCARD', queue)

-- The n slots come free in the order of `slots`, missing ones being free now; everyone ahead takes one, and after n of
-- them it goes round again, a rest later. A slot in use is free a rest from now at the earliest: if answered now.
local index = redis.call('ZCARD', slots) - n + ahead % n
local free = now
if index >= 0 then free = math.min(redis.call('ZRANGE', slots, index, index, 'WITHSCORES')[2], now + rest) end
-- What is forgotten was served before `since`, so it has rested then.
local wait = math.max(free, since + rest) + math.floor(ahead / n) * rest - now

if place and (wait == 0 or wait > patience) then
  redis.call('ZREM', queue, ticket)
  redis.call('ZREM', waiters, ticket)
end
if wait > patience then return {0, wait, ahead} end
if wait == 0 then
  redis.call('ZADD', slots, now + patience + rest, ticket)
  let_go()
  return {1, 0, ahead}
end

-- Whoever goes before may be dead: look when that shows, should it be before the turn. The nearest n have slots of the
-- same round, and the first of them is the first to be missed.
if ahead > 0 then
  local before = math.max(ahead - n, 0)
  wait = math.min(wait, redis.call('ZSCORE', waiters, redis.call('ZRANGE', queue, before, before)[1]) - now)
end
if not place then
  local last = redis.call('ZRANGE', queue, -1, -1, 'WITHSCORES')
  redis.call('ZADD', queue, (last[2] or 0) + 1, ticket)
end
redis.call('ZADD', waiters, now + wait + heartbeat, ticket)
let_go()
return {0, wait, ahead}
