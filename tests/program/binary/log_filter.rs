//! The log filter changes while the gateway runs.

use test_case::test_case;

use crate::process::{Running, file};

fn start(config: &tempfile::TempPath, arguments: &[&str]) -> Running {
    let config = ["serve", "--sandbox", "--listen", "127.0.0.1:0", "--config", config.to_str().unwrap()];
    Running::start(&[&config, arguments].concat(), &[])
}

#[tokio::test(flavor = "multi_thread")]
async fn the_filter_of_the_file_holds_after_the_signal_to_read_again() {
    let config = file("[log]\nfilter = \"info\"\n");
    let gateway = start(&config, &[]);
    std::fs::write(&config, "[log]\nfilter = \"debug\"\n").unwrap();
    gateway.hang_up();
    // A probe has a line at `debug` only.
    gateway.until_logged("\"route\":\"/livez\"").await;
    std::fs::write(&config, "[log]\nfilter = \"error\"\n").unwrap();
    gateway.hang_up();
    gateway.until_logged("\"filter\":\"error\"").await;
    let ended = gateway.stop().await;
    assert!(!ended.stderr.contains("\"stopped\""), "{}", ended.stderr);
}

#[test_case("[log]\nfilter = \"verbose\"\n"; "a filter that would silence it")]
#[test_case("[log"; "no TOML")]
#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_cannot_be_used_leaves_the_filter_as_it_is(text: &str) {
    let config = file("[log]\nfilter = \"info\"\n");
    let gateway = start(&config, &[]);
    std::fs::write(&config, text).unwrap();
    gateway.hang_up();
    gateway.until_logged("the log filter stays as it is").await;
    let ended = gateway.stop().await;
    assert!(ended.stderr.contains("\"stopped\""), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flag_still_wins_over_the_file() {
    let config = file("[log]\nfilter = \"info\"\n");
    let gateway = start(&config, &["--log-filter", "info"]);
    std::fs::write(&config, "[log]\nfilter = \"error\"\n").unwrap();
    gateway.hang_up();
    gateway.until_logged("SIGHUP").await;
    let ended = gateway.stop().await;
    assert!(ended.stderr.contains("\"stopped\""), "{}", ended.stderr);
}
