//! The settings of callbacks: whole or not at all, and no secret is shown.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in its helpers")]

use std::fs;

use approval_gateway::callbacks::TargetFormat;
use approval_gateway::config::{Config, Purpose, Sources};
use secrecy::ExposeSecret;
use tempfile::TempDir;
use test_case::test_case;

const APP: [(&str, &str); 2] = [("GATEWAY_FEISHU__APP_ID", "cli_1"), ("GATEWAY_FEISHU__APP_SECRET", "hush")];

/// Loads with files of secrets of this content, and these settings of callbacks.
fn load(purpose: Purpose, [token, secret]: [&str; 2], settings: &[(&str, &str)]) -> Result<Config, String> {
    let directory = TempDir::new().unwrap();
    let file = |name: &str, content: &str| {
        let path = directory.path().join(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let (token, secret) = (file("token", token), file("secret", secret));
    let settings = settings.iter().map(|(name, value)| {
        let value = value.replace("TOKEN", &token).replace("SECRET", &secret);
        (name.to_string(), value)
    });
    let app = APP.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let sources = Sources { purpose, ..Sources::default() }.with_environment(settings.chain(app));
    let config = Config::load(sources).map_err(|errors| errors.to_string());
    config.map_err(|error| error.replace(&directory.path().display().to_string(), ""))
}

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const LISTEN: (&str, &str) = ("GATEWAY_CALLBACKS__LISTEN", "127.0.0.1:8082");
const TARGET: (&str, &str) = ("GATEWAY_FEISHU__CALLBACKS__TARGET_URL", "https://oa.example.com/a?b=c");
const TOKEN_FILE: (&str, &str) = ("GATEWAY_FEISHU__CALLBACKS__TOKEN_FILE", "TOKEN");
const SECRET_FILE: (&str, &str) = ("GATEWAY_FEISHU__CALLBACKS__SECRET_FILE", "SECRET");

#[test]
fn everything_that_is_needed_makes_callbacks() {
    let files = ["token-a\n token-b \n\n", &format!("{SECRET}\n{SECRET}\n")];
    let all = [LISTEN, TARGET, TOKEN_FILE, SECRET_FILE];
    let config = load(Purpose::Serve, files, &all).unwrap();
    let callbacks = config.apps[0].callbacks.as_ref().unwrap();
    let tokens: Vec<_> = callbacks.proof.tokens.iter().map(ExposeSecret::expose_secret).collect();
    assert_eq!(tokens, ["token-a", "token-b"]);
    assert_eq!((callbacks.secrets.len(), callbacks.proof.encrypt_keys.len()), (2, 0));
    assert_eq!((callbacks.format, callbacks.target.as_str()), (TargetFormat::Gateway, TARGET.1));
    let shown = format!("{config:?}");
    assert!(!shown.contains("token-a") && !shown.contains("MfKQ"), "{shown}");
}

#[test]
fn without_any_there_are_none() {
    let config = load(Purpose::Serve, ["", ""], &[]).unwrap();
    assert!(config.callbacks_listen.is_none() && config.apps[0].callbacks.is_none());
}

#[test]
fn beside_a_sandbox_everything_makes_itself() {
    let config = load(Purpose::ServeSandbox, ["", ""], &[]).unwrap();
    let callbacks = config.apps[0].callbacks.as_ref().unwrap();
    assert_eq!(callbacks.target.as_str(), "http://127.0.0.1:9000/");
    assert_eq!(config.callbacks_listen.unwrap().port(), 0);
}

#[test_case(&[LISTEN] => "feishu.callbacks.token_file is not set"; "a listener alone")]
#[test_case(&[TARGET, TOKEN_FILE, SECRET_FILE] => "callbacks.listen is not set"; "no listener")]
#[test_case(&[LISTEN, TOKEN_FILE, SECRET_FILE] => "feishu.callbacks.target_url is not set"; "no target")]
#[test_case(&[LISTEN, TARGET, SECRET_FILE] => "feishu.callbacks.token_file is not set"; "no token")]
#[test_case(&[LISTEN, TARGET, TOKEN_FILE] => "feishu.callbacks.secret_file is not set"; "no signing secret")]
#[test_case(&[("GATEWAY_CALLBACKS__LISTEN", "127.0.0.1:8080"), TARGET, TOKEN_FILE, SECRET_FILE]
    => "environment variable GATEWAY_CALLBACKS__LISTEN must be another address than listen: it faces the internet"; "the address of the API")]
#[test_case(&[LISTEN, TARGET, TOKEN_FILE, ("GATEWAY_FEISHU__CALLBACKS__SECRET_FILE", "TOKEN")]
    => "environment variable GATEWAY_FEISHU__CALLBACKS__SECRET_FILE must be the path of a file with signing secrets"; "no signing secret in the file")]
#[test_case(&[LISTEN, ("GATEWAY_FEISHU__CALLBACKS__TARGET_URL", "ftp://oa.example.com"), TOKEN_FILE, SECRET_FILE]
    => "environment variable GATEWAY_FEISHU__CALLBACKS__TARGET_URL must be an http or https address"; "another protocol")]
#[test_case(&[LISTEN, TARGET, TOKEN_FILE, SECRET_FILE, ("GATEWAY_FEISHU__CALLBACKS__TARGET_FORMAT", "lark")]
    => "environment variable GATEWAY_FEISHU__CALLBACKS__TARGET_FORMAT must be \"gateway\" or \"feishu\""; "another format")]
#[test_case(&[LISTEN, TARGET, ("GATEWAY_FEISHU__CALLBACKS__TOKEN_FILE", "/nowhere"), SECRET_FILE]
    => "environment variable GATEWAY_FEISHU__CALLBACKS__TOKEN_FILE names /nowhere"; "a file that is not there")]
fn what_is_wrong_is_named(settings: &[(&str, &str)]) -> String {
    let error = load(Purpose::Serve, ["token", SECRET], settings).unwrap_err();
    let lines: Vec<_> = error.lines().skip(1).collect();
    assert_eq!(lines.len(), 1, "{error}");
    lines[0].trim().split([';', ',']).next().unwrap().to_owned()
}
