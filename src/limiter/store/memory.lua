-- What both scripts share; it stands between the clock, which sets `now`, and the script itself. Times are microseconds.
-- slots    zset: token -> when its slot is free again; a token is the ticket that was granted
-- queue    zset: ticket -> place; first come, first served
-- waiters  zset: ticket -> until when it is remembered: in the queue a waiter, otherwise one that left and is refused
-- mark     hash: since when anything is remembered, and the latest time that was seen
local slots, queue, waiters, mark = KEYS[1], KEYS[2], KEYS[3], KEYS[4]

-- Without a mark the memory is lost, or never was: whoever was served a moment ago is unknown.
local seen = redis.call('HMGET', mark, 'since', 'latest')
local since, back = tonumber(seen[1] or now), (seen[2] or now) - now
if back > 0 then
  -- The clock was set back, or is another host's: what is remembered goes with it, or it would lock everybody out.
  since = since - back
  for _, key in ipairs({slots, waiters}) do
    local times = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
    for i = 1, #times, 2 do redis.call('ZADD', key, times[i + 1] - back, times[i]) end
  end
end
redis.call('HSET', mark, 'since', since, 'latest', now)
redis.call('PEXPIRE', mark, 30 * 24 * 3600 * 1000)

-- Lets every key go by itself ten seconds after its last member's time, the queue with its waiters.
local function let_go()
  for _, key in ipairs({slots, waiters}) do
    local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')
    if last[2] then
      local life = math.ceil((last[2] - now) / 1000) + 10000
      redis.call('PEXPIRE', key, life)
      if key == waiters then redis.call('PEXPIRE', queue, life) end
    end
  end
end
