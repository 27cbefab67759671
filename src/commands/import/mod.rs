//! `import`: sends a file of documents, one a line, to a running gateway, and waits until they are delivered.

mod answers;
mod lost;
mod progress;
mod rejects;
mod requests;
mod source;

use std::error::Error;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, LOCATION};
use tokio::time::Instant;

use self::answers::{ImportStanding, Read, ResultLine};
use self::lost::{AcceptedIds, name_lost};
use self::progress::Progress;
use self::rejects::Rejects;
use self::requests::{checked, get};
use self::source::Source;
use super::CommandResult;
use super::gateway::Gateway;
use crate::cli::ImportArgs;
use crate::support::line_reader::LineReader;

/// Largest result that is read.
const LONGEST_RESULT: usize = 16 << 20;

/// How long to wait between two looks at the delivery.
const LOOK: Duration = Duration::from_millis(500);

/// For so long a gateway that does not answer, because it is started anew, is asked again.
const AWAY: Duration = Duration::from_secs(120);

pub(super) fn run(args: &ImportArgs) -> CommandResult {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let done = runtime.block_on(import(args));
    // A read of standard input may never return.
    runtime.shutdown_background();
    done
}

async fn import(args: &ImportArgs) -> CommandResult {
    let gateway = Gateway::new(&args.gateway, args.key_file.as_deref())?;
    let source = Source::open(&args.file)?;
    let mut rejects = Rejects::create(args.rejects.as_deref(), &source)?;
    let mut progress = Progress::new(source.length());
    let (location, read, mut ids) = upload(args, &gateway, source, &mut rejects, &mut progress).await?;
    progress.note(&read.to_string());
    let mut is_complete = read.invalid == 0;
    if !args.accept_only {
        let standing = delivered(&gateway, &location, &mut progress).await?;
        progress.note(&standing.to_string());
        let conflicts = name_lost(&gateway, &standing, &mut ids, &mut rejects).await?;
        if conflicts > 0 {
            progress.note(&format!("{conflicts} in conflict: somebody else pushes these instances, too"));
        }
        is_complete &= standing.is_delivered() && conflicts == 0;
    }
    rejects.finish()?;
    if is_complete {
        return Ok(());
    }
    Err(match &args.rejects {
        Some(file) => {
            format!("not everything was taken; {} has the lines that were not, and why", file.display())
        }
        None => "not everything was taken; --rejects FILE keeps the lines that were not, and why".to_owned(),
    }
    .into())
}

/// Sends all lines; the path of the import, and what became of them.
async fn upload(
    args: &ImportArgs,
    gateway: &Gateway,
    source: Source,
    rejects: &mut Rejects,
    progress: &mut Progress,
) -> Result<(String, Read, AcceptedIds), Box<dyn Error>> {
    let mut url = gateway.url("/v1/imports")?;
    if let Some(number) = args.per_minute {
        url.query_pairs_mut().append_pair("per_minute", &number.to_string());
    }
    let (body, sent) = source.send(rejects.wants_documents());
    let request = gateway.signed(gateway.client.post(url)).header(CONTENT_TYPE, "application/x-ndjson");
    let mut answer = match request.body(body).send().await {
        Ok(answer) => checked(answer).await?,
        Err(error) => return Err(sent.failure().unwrap_or_else(|| error.into())),
    };
    let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let location = location.ok_or("the answer names no import; is this a gateway?")?.to_owned();
    let mut lines = LineReader::new(LONGEST_RESULT);
    let (mut read, mut ids) = (Read::default(), AcceptedIds::default());
    loop {
        while let Some(line) = lines.next_line() {
            take(&line.content?, &sent, rejects, &mut read, &mut ids)?;
        }
        progress.reading(sent.bytes(), &read);
        match answer.chunk().await {
            Ok(Some(chunk)) => lines.push(chunk),
            Ok(None) => break,
            Err(error) => return Err(broken_off(&*sent.failure().unwrap_or_else(|| error.into()), read)),
        }
    }
    if let Some(failure) = sent.failure() {
        return Err(broken_off(&*failure, read));
    }
    if lines.finish().is_some() || !sent.is_answered(read.accepted + read.unchanged + read.invalid) {
        return Err(broken_off(&AnswerBrokeOff, read));
    }
    Ok((location, read, ids))
}

fn take(
    line: &[u8],
    sent: &source::Sent,
    rejects: &mut Rejects,
    read: &mut Read,
    ids: &mut AcceptedIds,
) -> Result<(), Box<dyn Error>> {
    match serde_json::from_slice(line)? {
        ResultLine::Result(result) => {
            let document = sent.answered(result.line);
            match result.status.as_str() {
                "accepted" => {
                    read.accepted += 1;
                    ids.add(result.instance_id.as_deref());
                }
                "unchanged" => read.unchanged += 1,
                _ => {
                    read.invalid += 1;
                    rejects.invalid(&result, document.as_deref())?;
                }
            }
            Ok(())
        }
        ResultLine::Problem(problem) => Err(broken_off(&problem, *read)),
    }
}

/// The answer ended before every line was answered.
#[derive(Debug, thiserror::Error)]
#[error("the answer broke off")]
struct AnswerBrokeOff;

fn broken_off(cause: &dyn Error, read: Read) -> Box<dyn Error> {
    let cause = crate::support::error_chain::ErrorChain(cause).to_string();
    format!("the import broke off: {cause}; {read}. What was accepted is kept: repeat the command, and it goes on from there").into()
}

/// Waits until nothing of the import is pending.
async fn delivered(
    gateway: &Gateway,
    location: &str,
    progress: &mut Progress,
) -> Result<ImportStanding, Box<dyn Error>> {
    let url = gateway.url(location)?;
    let mut answered = Instant::now();
    loop {
        match get::<ImportStanding>(gateway, url.clone()).await {
            Ok(standing) => {
                answered = Instant::now();
                progress.delivering(&standing);
                if standing.pending == 0 {
                    return Ok(standing);
                }
            }
            Err(error) if answered.elapsed() > AWAY => return Err(error),
            Err(_) => {}
        }
        tokio::time::sleep(LOOK).await;
    }
}
