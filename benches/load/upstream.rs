//! Feishu as far as a push needs it, as fast as possible: fixed answers, and bodies that are counted but not looked at.
//!
//! It is no test of the gateway: the sandbox checks what is sent, which takes longer than sending it.

use std::cell::Cell;
use std::io::{self, Write as _};
use std::rc::Rc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{LocalSet, spawn_local};

const TOKEN: &str = "POST /open-apis/auth/v3/tenant_access_token/internal ";
// A plain proxy passes on what makes the address differ.
const PUSH: &str = "POST /open-apis/approval/v4/external_instances";
const COUNTS: &str = "GET /counts ";

/// The large document at once, and no head is longer.
const BUFFER_BYTES: usize = 256 * 1024;

/// What has arrived.
#[derive(Default)]
struct Counts {
    tokens: Cell<u64>,
    pushes: Cell<u64>,
    push_bytes: Cell<u64>,
    others: Cell<u64>,
}

/// Whole responses.
struct Answers {
    token: Vec<u8>,
    push: Vec<u8>,
    unknown: Vec<u8>,
}

/// Serves until it is killed, on a free port that it prints; `push` is the body of the answer to a push.
#[expect(clippy::print_stdout, reason = "whoever starts it has to learn the address")]
pub(crate) fn run(push: &[u8]) -> io::Result<()> {
    let token = br#"{"code":0,"msg":"ok","tenant_access_token":"t-g1044qeGEDXTB6NDJOGV4JQC","expire":7200}"#;
    let answers = Answers {
        token: response("200 OK", token),
        push: response("200 OK", push),
        unknown: response("404 Not Found", br#"{"code":404,"msg":"no such address"}"#),
    };
    let shared = Rc::new((answers, Counts::default()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    LocalSet::new().block_on(&runtime, async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("listening on http://{}", listener.local_addr()?);
        io::stdout().flush()?;
        loop {
            let (stream, _) = listener.accept().await?;
            let shared = Rc::clone(&shared);
            // A connection that breaks concerns the other side only, which counts it.
            spawn_local(async move { serve(stream, &shared.0, &shared.1).await });
        }
    })
}

fn response(status: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json; charset=utf-8\r\n\
         x-tt-logid: 20260210090000010203040506070809AB\r\ncontent-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// One request after another, until the connection ends.
async fn serve(mut stream: TcpStream, answers: &Answers, counts: &Counts) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut filled = 0;
    loop {
        let Some(head) = buffer[..filled].windows(4).position(|end| end == b"\r\n\r\n") else {
            let read = stream.read(&mut buffer[filled..]).await?;
            if read == 0 {
                // The end, or a head without one.
                return Ok(());
            }
            filled += read;
            continue;
        };
        let request = Request::read(&buffer[..head])?;
        let end = head + 4 + request.length;
        if end < filled {
            buffer.copy_within(end..filled, 0);
            filled -= end;
        } else {
            let mut missing = end - filled;
            while missing > 0 {
                let most = missing.min(BUFFER_BYTES);
                let read = stream.read(&mut buffer[..most]).await?;
                if read == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                missing -= read;
            }
            filled = 0;
        }
        match request.kind {
            Kind::Token => {
                add(&counts.tokens, 1);
                stream.write_all(&answers.token).await?;
            }
            Kind::Push => {
                add(&counts.pushes, 1);
                add(&counts.push_bytes, request.length as u64);
                stream.write_all(&answers.push).await?;
            }
            Kind::Counts => stream.write_all(&response("200 OK", counts.json().as_bytes())).await?,
            Kind::Unknown => {
                add(&counts.others, 1);
                stream.write_all(&answers.unknown).await?;
            }
        }
    }
}

fn add(counter: &Cell<u64>, more: u64) {
    counter.set(counter.get() + more);
}

impl Counts {
    fn json(&self) -> String {
        let Self { tokens, pushes, push_bytes, others } = self;
        let (tokens, pushes, push_bytes, others) =
            (tokens.get(), pushes.get(), push_bytes.get(), others.get());
        format!(r#"{{"tokens":{tokens},"pushes":{pushes},"push_bytes":{push_bytes},"others":{others}}}"#)
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Token,
    Push,
    Counts,
    Unknown,
}

/// What an answer depends on.
struct Request {
    kind: Kind,
    /// Of the body, in bytes.
    length: usize,
}

impl Request {
    fn read(head: &[u8]) -> io::Result<Self> {
        let refuse = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why);
        let head = str::from_utf8(head).map_err(|_| refuse("a head that is not text"))?;
        let kind = [(PUSH, Kind::Push), (TOKEN, Kind::Token), (COUNTS, Kind::Counts)]
            .into_iter()
            .find_map(|(start, kind)| head.starts_with(start).then_some(kind))
            .unwrap_or(Kind::Unknown);
        let mut length = 0;
        for (name, value) in head.split("\r\n").skip(1).filter_map(|line| line.split_once(':')) {
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().map_err(|_| refuse("a length that is no number"))?;
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                return Err(refuse("a body without its length"));
            }
        }
        Ok(Self { kind, length })
    }
}
