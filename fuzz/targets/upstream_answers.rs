//! The client takes any answer of any API: status, headers and body are whatever came.
#![no_main]

use approval_gateway::feishu::fuzzing::classify_for_every_api;
use libfuzzer_sys::fuzz_target;

/// Statuses that decide something, and some that do not.
const STATUSES: [u16; 10] = [200, 201, 204, 302, 400, 404, 429, 500, 503, 999];

// One byte chooses the status, the first line is two headers around a bar, the rest is the body.
fuzz_target!(|input: &[u8]| {
    let Some((choice, rest)) = input.split_first() else { return };
    let status = STATUSES[usize::from(*choice) % STATUSES.len()];
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (line, body) = rest.split_at(end);
    let body = body.strip_prefix(b"\n").unwrap_or(body);
    let line = std::str::from_utf8(line).unwrap_or_default();
    let (content_type, reset) = line.split_once('|').unwrap_or((line, ""));
    let headers = [("content-type", content_type), ("x-ogw-ratelimit-reset", reset), ("x-tt-logid", line)];
    // An absent header is not an empty one.
    let given = headers.iter().copied().filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>();
    classify_for_every_api(status, &given, body);
});
