//! Every example of the OpenAPI file is an exchange that the gateway has, word for word.
//!
//! `RECORD_EXAMPLES=1` writes what it answers into `openapi/examples`, for a person to read and to commit.

mod exchange;
mod masks;
mod stages;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use test_case::test_case;

use exchange::{exchange, prepare};
use stages::Stage;

/// The file with an example for each code.
const PROBLEMS: &str = "problems";

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("openapi/examples/{name}.json"))
}

fn read(name: &str) -> Value {
    serde_json::from_slice(&fs::read(path(name)).unwrap()).unwrap()
}

#[test_case("checkDelivery"; "checkDelivery")]
#[test_case("checkInstances"; "checkInstances")]
#[test_case("createImport"; "createImport")]
#[test_case("explainVisibility"; "explainVisibility")]
#[test_case("forgetDocument"; "forgetDocument")]
#[test_case("getCaller"; "getCaller")]
#[test_case("getDelivery"; "getDelivery")]
#[test_case("getDeliverySummary"; "getDeliverySummary")]
#[test_case("getDocument"; "getDocument")]
#[test_case("getDefinition"; "getDefinition")]
#[test_case("getImport"; "getImport")]
#[test_case("getInstance"; "getInstance")]
#[test_case("getLiveness"; "getLiveness")]
#[test_case("getProblemType"; "getProblemType")]
#[test_case("getReadiness"; "getReadiness")]
#[test_case("getVersion"; "getVersion")]
#[test_case("listCc"; "listCc")]
#[test_case("listDefinitions"; "listDefinitions")]
#[test_case("listDeliveries"; "listDeliveries")]
#[test_case("listEvents"; "listEvents")]
#[test_case("listHistory"; "listHistory")]
#[test_case("listImports"; "listImports")]
#[test_case("listInstances"; "listInstances")]
#[test_case("listTaskStatuses"; "listTaskStatuses")]
#[test_case("listTasks"; "listTasks")]
#[test_case("listUserTasks"; "listUserTasks")]
#[test_case("patchInstance"; "patchInstance")]
#[test_case("retryDeliveries"; "retryDeliveries")]
#[test_case("retryEvents"; "retryEvents")]
#[test_case("patchDefinition"; "patchDefinition")]
#[test_case("previewInstance"; "previewInstance")]
#[test_case(PROBLEMS; "problems")]
#[test_case("putInstance"; "putInstance")]
#[test_case("sendMessage"; "sendMessage")]
#[test_case("updateImport"; "updateImport")]
#[test_case("updateMessage"; "updateMessage")]
#[test_case("upsertDefinition"; "upsertDefinition")]
#[tokio::test]
async fn every_example_is_what_the_gateway_answers(name: &str) {
    let documented = read(name);
    let mut answered = documented.clone();
    for (title, example) in answered.as_object_mut().unwrap() {
        let operation = example["operation"].as_str().unwrap_or(name).to_owned();
        let stage = Stage::set(example["stage"].as_str()).await;
        prepare(&stage, &example["before"]).await;
        let answer = exchange(&stage, &operation, &example["request"]).await;
        if name == PROBLEMS {
            assert_eq!(answer["body"]["code"], **title, "{answer}");
        }
        example["answer"] = answer;
    }
    if std::env::var_os("RECORD_EXAMPLES").is_some() {
        let text = serde_json::to_string_pretty(&answered).unwrap();
        fs::write(path(name), text + "\n").unwrap();
    } else {
        compare(&documented, &answered);
    }
}

/// Names the examples that differ: the whole file is too much to read.
fn compare(documented: &Value, answered: &Value) {
    for (title, example) in documented.as_object().unwrap() {
        let [documented, answered] = [example, &answered[title]]
            .map(|example| serde_json::to_string_pretty(&example["answer"]).unwrap());
        assert!(
            documented == answered,
            "the example {title} is\n{documented}\nand the gateway answers\n{answered}"
        );
    }
}

#[test]
fn every_code_has_an_example() {
    use approval_gateway::http::problem::Code;
    let mut codes: Vec<_> = Code::all().map(Code::as_str).collect();
    codes.sort_unstable();
    assert_eq!(read(PROBLEMS).as_object().unwrap().keys().collect::<Vec<_>>(), codes);
}
