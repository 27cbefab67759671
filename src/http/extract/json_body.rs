//! The body's bytes, once they are known to be declared as JSON and to be few enough.

use axum::body::{Body, Bytes};
use axum::extract::{FromRef, FromRequest, FromRequestParts as _, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, EXPECT};
use bytes::BytesMut;
use http_body_util::BodyExt;
use hyper::body::Frame;

use super::media_type::require_json;
use super::{RequestLimits, TimeoutHeader};
use crate::http::load_shedder::{ArrivingBody, Permit, QuotaExceeded};
use crate::http::problem::{Code, Problem};

/// The whole body, unread: declared as JSON, within the size limit, complete.
///
/// # Errors
/// 415 `unsupported_media_type`, 413 `payload_too_large`, 400 `malformed_request` when the caller stops in the middle or its
/// chunks are none, 408 `request_timeout` when the body is not there by the configured deadline, and 503 `overloaded` when it
/// does not fit beside those of others.
#[derive(Debug, Clone)]
pub struct JsonBody(pub Bytes);

impl<S> FromRequest<S> for JsonBody
where
    RequestLimits: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let limits = RequestLimits::from_ref(state);
        let (mut parts, body) = request.into_parts();
        let TimeoutHeader(deadline) = TimeoutHeader::from_request_parts(&mut parts, state).await?;
        let request = Request::from_parts(parts, body);
        require_json(request.headers())?;
        let announced = announced_length(request.headers()).unwrap_or_default();
        // With `Expect` the caller waits for our word before it sends the body (RFC 9110 §10.1.1). And an absurd body is
        // not read to its end in any case.
        let is_refused_unread = announced > limits.max_body_bytes && request.headers().contains_key(EXPECT)
            || announced > limits.max_body_bytes.saturating_mul(DISCARDED_LIMITS);
        if is_refused_unread {
            return Err(too_large(limits.max_body_bytes));
        }
        let arriving = request.extensions().get::<Permit>().map(Permit::arriving);
        let mut received = 0;
        let reading = read(request.into_body(), arriving, limits.max_body_bytes, &mut received);
        match tokio::time::timeout_at(deadline.instant(), reading).await {
            Ok(Ok(bytes)) => Ok(Self(bytes)),
            Ok(Err(problem)) => Err(problem),
            Err(_) if received > limits.max_body_bytes => Err(too_large(limits.max_body_bytes)),
            Err(_) => Err(Problem::new(Code::RequestTimeout)
                .detail("The body was not complete when the request's time was up.")),
        }
    }
}

/// How many times the limit is read of a body that is too large, before the connection is given up.
///
/// Many callers read no answer before they have sent everything, and lose it when the connection closes under them. So
/// a body that is not absurdly large is read to its end and thrown away.
const DISCARDED_LIMITS: usize = 4;

/// Collects the body, never holding more than `limit` bytes and the chunk at hand.
///
/// What the head announces takes no memory: whoever announces much and sends nothing must not keep others out.
async fn read(
    mut body: Body,
    arriving: Option<ArrivingBody>,
    limit: usize,
    received: &mut usize,
) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(frame) = next_frame(&mut body, arriving.as_ref()).await? {
        // Trailers are frames too, and no part of the document.
        let Ok(data) = frame.into_data() else { continue };
        *received = received.saturating_add(data.len());
        if *received <= limit {
            bytes.extend_from_slice(&data);
        } else if *received > limit.saturating_mul(DISCARDED_LIMITS) {
            break;
        } else {
            bytes = BytesMut::new();
        }
        arriving.as_ref().map_or(Ok(()), |arriving| arriving.arrived(bytes.len())).map_err(no_room)?;
    }
    if *received > limit {
        return Err(too_large(limit));
    }
    let bytes = bytes.freeze();
    match arriving {
        Some(arriving) => arriving.complete(bytes).map_err(no_room),
        None => Ok(bytes),
    }
}

/// The next part of the body, unless the body has to give way.
async fn next_frame(
    body: &mut Body,
    arriving: Option<&ArrivingBody>,
) -> Result<Option<Frame<Bytes>>, Problem> {
    let gives_way = async {
        match arriving {
            Some(arriving) => arriving.must_give_way().await,
            None => std::future::pending().await,
        }
    };
    let frame = tokio::select! {
        frame = body.frame() => frame,
        () = gives_way => return Err(no_room(QuotaExceeded)),
    };
    frame.transpose().map_err(|cause| {
        // What arrived may be JSON or not: how much of it there is to be is what nobody knows.
        Problem::new(Code::MalformedRequest)
            .detail("The body broke off before its end, or its chunks are not those of HTTP.")
            .cause(cause)
    })
}

/// The length of the body, if the head says it and it is a number.
fn announced_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn no_room(_: QuotaExceeded) -> Problem {
    Problem::new(Code::Overloaded).detail(
        "The gateway has too little memory left for the body, or it came too slowly for that. Wait as long as Retry-After \
         says, and have fewer requests under way.",
    )
}

fn too_large(limit: usize) -> Problem {
    Problem::new(Code::PayloadTooLarge).detail(format!("The body is larger than the limit of {limit} bytes."))
}
