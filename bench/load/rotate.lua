-- Sends the bodies of a file, one a line, in turn. Usage: wrk -s rotate.lua URL -- FILE
-- The last line it prints is JSON for wrk.ts.
local requests = {}
local at = 0

function init(args)
  local headers = { ["content-type"] = "application/json" }
  for body in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, headers, body)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"microseconds":%d,"status":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d}\n',
    summary.requests, summary.duration, errors.status, errors.connect, errors.read, errors.write, errors.timeout))
end
