-- Says what became of a turn or a waiter. ARGV: what, ticket, us.
-- answered  the slot is free again `us` from now; at once when us <= 0
-- kept      nobody waits for the answer, but the request may yet be read: the slot is free again `us` from now
-- unsent    the slot is free now: no byte was written
-- left      the waiter gave up, and so does a slot that was granted meanwhile; for `us` its ticket is refused, for its last
--           question may still be under way
-- Answers 1.
local what, ticket, us = ARGV[1], ARGV[2], tonumber(ARGV[3])

redis.call('ZREM', slots, ticket)
if redis.call('ZREM', queue, ticket) == 1 then redis.call('ZREM', waiters, ticket) end

-- Also what is not known any more: an answer of the last second counts, whatever the store forgot.
local key = ({answered = slots, kept = slots, left = waiters})[what]
if key and us > 0 then redis.call('ZADD', key, now + us, ticket) end
let_go()
return 1
