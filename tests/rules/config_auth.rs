//! Who may call: caller keys, and the rule about addresses that other machines can reach.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in its helpers")]

use std::fs;
use std::path::Path;

use approval_gateway::callers::CallerKeys;
use approval_gateway::config::{Config, Purpose, Sources};
use approval_gateway::domain::AppName;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use test_case::test_case;

fn hash(key: &str) -> String {
    hex::encode(Sha256::digest(key))
}

fn keys(text: &str) -> Result<CallerKeys, String> {
    CallerKeys::parse(text, Path::new("keys.txt"), &[AppName::default(), "erp".parse().unwrap()])
        .map_err(|error| error.to_string())
}

fn load(variables: &[(&str, &str)]) -> Result<Config, String> {
    let sources = Sources { purpose: Purpose::ServeSandbox, ..Sources::default() };
    Config::load(sources.with_environment(variables.iter().copied())).map_err(|errors| errors.to_string())
}

/// Whether anonymous callers are served, by listening address and explicit permission.
#[test_case("127.0.0.1:0", None => Ok(true); "loopback")]
#[test_case("[::1]:0", None => Ok(true); "loopback of IPv6")]
#[test_case("[::ffff:127.0.0.1]:0", None => Ok(true); "loopback of IPv4 within IPv6")]
#[test_case("0.0.0.0:0", Some("true") => Ok(true); "everywhere, on purpose")]
#[test_case("0.0.0.0:0", None => Err(()); "everywhere")]
#[test_case("[::]:0", None => Err(()); "everywhere in IPv6")]
#[test_case("192.0.2.1:0", None => Err(()); "another address")]
#[test_case("127.0.0.1:0", Some("false") => Err(()); "nobody at all")]
fn anonymous_without_keys(listen: &str, allowed: Option<&str>) -> Result<bool, ()> {
    let allowed = allowed.unwrap_or_default();
    let variables = [("GATEWAY_LISTEN", listen), ("GATEWAY_AUTH__ALLOW_ANONYMOUS", allowed)];
    load(&variables).map(|config| config.auth.allow_anonymous).map_err(|_| ())
}

#[test_case("127.0.0.1:0", None => false; "keys close loopback too")]
#[test_case("0.0.0.0:0", None => false; "keys are enough everywhere")]
#[test_case("0.0.0.0:0", Some("true") => true; "keys and permission")]
fn anonymous_with_keys(listen: &str, allowed: Option<&str>) -> bool {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("keys.txt");
    fs::write(&path, format!("oa {}", hash("k"))).unwrap();
    let variables = [
        ("GATEWAY_LISTEN", listen),
        ("GATEWAY_AUTH__ALLOW_ANONYMOUS", allowed.unwrap_or_default()),
        ("GATEWAY_AUTH__KEYS_FILE", path.to_str().unwrap()),
    ];
    let auth = load(&variables).unwrap().auth;
    assert_eq!(auth.keys.unwrap().ring().find("k").unwrap().name.as_deref(), Some("oa"));
    auth.allow_anonymous
}

#[test]
fn open_address_is_refused_with_what_to_do() {
    insta::assert_snapshot!(load(&[("GATEWAY_LISTEN", "0.0.0.0:8080")]).unwrap_err(), @r"
    1 error in the configuration:
      listening on 0.0.0.0:8080 lets other machines in without a key; set GATEWAY_AUTH__KEYS_FILE to a file of caller keys, or GATEWAY_AUTH__ALLOW_ANONYMOUS=true if something in front of the gateway checks its callers
    ");
}

#[test]
fn address_that_nobody_could_call_is_refused_with_what_to_do() {
    insta::assert_snapshot!(load(&[("GATEWAY_AUTH__ALLOW_ANONYMOUS", "false")]).unwrap_err(), @r"
    1 error in the configuration:
      environment variable GATEWAY_AUTH__ALLOW_ANONYMOUS is false, but there are no caller keys, so nobody could call; set GATEWAY_AUTH__KEYS_FILE
    ");
}

#[test]
fn missing_keys_file_names_the_variable_and_the_cause() {
    insta::assert_snapshot!(load(&[("GATEWAY_AUTH__KEYS_FILE", "/nowhere/keys.txt")]).unwrap_err(), @r"
    1 error in the configuration:
      environment variable GATEWAY_AUTH__KEYS_FILE names a file of caller keys that cannot be used: /nowhere/keys.txt cannot be read: No such file or directory (os error 2)
    ");
}

#[test_case("" => "oa app=default scope=read,write"; "nothing said")]
#[test_case("app=erp" => "oa app=erp scope=read,write"; "an app")]
#[test_case("scope=read" => "oa app=default scope=read"; "one scope")]
#[test_case("scope=write,read app=erp" => "oa app=erp scope=read,write"; "any order")]
fn caller_with_options(options: &str) -> String {
    format!("{:?}", keys(&format!("oa {} {options}", hash("k"))).unwrap().find("k").unwrap())
}

#[test]
fn every_bad_option_is_named() {
    let options = ["app=nowhere", "app=", "scope=", "scope=admin", "app=erp app=erp", "colour=red", "read"];
    let lines: Vec<_> = options
        .iter()
        .enumerate()
        .map(|(number, option)| format!("a {} {option}\n", hash(&number.to_string())))
        .collect();
    insta::assert_snapshot!(keys(&lines.concat()).unwrap_err(), @r"
    keys.txt, line 1: app= must name one of the apps that are configured: default, erp; line 2: app= must name one of the apps that are configured: default, erp; line 3: a scope is read, write, operate, or several of them with commas; line 4: a scope is read, write, operate, or several of them with commas; line 5: after the hash only app=NAME and scope=read,write,operate may follow, each once; line 6: after the hash only app=NAME and scope=read,write,operate may follow, each once; line 7: after the hash only app=NAME and scope=read,write,operate may follow, each once
    ");
}

#[test]
fn one_key_is_for_one_app() {
    let text = format!("oa {}\noa {} app=erp\n", hash("k"), hash("k"));
    assert_eq!(keys(&text).unwrap_err(), "keys.txt, line 2: the same key already stands in line 1");
}

#[test]
fn key_without_an_app_needs_one_called_default() {
    let text = format!("oa {}", hash("k"));
    let report = CallerKeys::parse(&text, Path::new("keys.txt"), &["erp".parse().unwrap()]).unwrap_err();
    insta::assert_snapshot!(report, @r"
    keys.txt, line 1: write app=NAME, because no app is called default; the apps that are configured: erp
    ");
}

#[test_case("k-oa" => Some("oa".to_owned()); "first caller")]
#[test_case("k-erp" => Some("erp.prod_2-a".to_owned()); "second caller")]
#[test_case("k-erp-new" => Some("erp.prod_2-a".to_owned()); "second key of a caller")]
#[test_case("k" => None; "beginning of a key")]
#[test_case("K-OA" => None; "another case")]
#[test_case("" => None; "no key")]
fn caller_of(presented: &str) -> Option<String> {
    let (oa, erp, erp_new) = (hash("k-oa"), hash("k-erp").to_uppercase(), hash("k-erp-new"));
    let text = format!("# callers\n\noa {oa}\r\n  erp.prod_2-a\t{erp}  \nerp.prod_2-a {erp_new}\n");
    keys(&text).unwrap().find(presented).map(|caller| caller.name.as_deref().unwrap().to_owned())
}

#[test]
fn hash_does_not_open_what_its_key_opens() {
    let text = format!("oa {}", hash("k"));
    assert_eq!(keys(&text).unwrap().find(&hash("k")), None);
}

#[test]
fn every_bad_line_is_named_and_none_is_shown() {
    let good = hash("k");
    let long = "n".repeat(65);
    let text = format!(
        "plaintextkey\noa {good}\nwrong/name {}\n{long} {}\nerp nothex\nerp {}0\nerp {good}\na b c\n",
        hash("1"),
        hash("2"),
        hash("3"),
    );
    let report = keys(&text).unwrap_err();
    insta::assert_snapshot!(report, @r"
    keys.txt, line 1: expected a name and a hash, separated by a blank; line 3: a name has 1 to 64 letters, digits, '.', '_' or '-'; line 4: a name has 1 to 64 letters, digits, '.', '_' or '-'; line 5: a hash is the SHA-256 of the key, as 64 hexadecimal digits; line 6: a hash is the SHA-256 of the key, as 64 hexadecimal digits; line 7: the same key already stands in line 2; line 8: a hash is the SHA-256 of the key, as 64 hexadecimal digits
    ");
    assert!(!report.contains(&good) && !report.contains("plaintextkey"));
}

#[test_case(""; "an empty file")]
#[test_case("# nobody\n\n"; "only comments")]
fn file_without_keys_is_an_error(text: &str) {
    assert_eq!(keys(text).unwrap_err(), "keys.txt holds no key; write one \"name sha256-hex\" a line");
}

#[test]
fn debug_shows_callers_but_no_hash() {
    let text = format!("oa {}", hash("k"));
    assert_eq!(format!("{:?}", keys(&text).unwrap()), "{oa app=default scope=read,write}");
}
