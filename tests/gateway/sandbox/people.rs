//! The directory of people (field notes): who is found by which name, and who is not.

use serde_json::{Value, json};
use test_case::test_case;

use crate::sandbox::support::TestSandbox;

const FIND: &str = "/open-apis/contact/v3/users/batch_get_id";
const READ: &str = "/open-apis/contact/v3/users/batch";

#[tokio::test]
async fn one_entry_answers_each_name_and_has_an_id_for_those_who_are_found() {
    let sandbox = TestSandbox::new();
    let asked = json!({
        "emails": ["alice@example.com", "eve@example.com", "frank@example.com", "nobody@example.com"],
        "mobiles": ["13800138001", "+8613800138002", "4155552671", "+14155552671"],
    });
    let found = sandbox.ask("POST", &format!("{FIND}?user_id_type=user_id"), asked).await.data();
    assert_eq!(
        found["user_list"],
        json!([
            {"email": "alice@example.com", "user_id": "alice"},
            {"email": "eve@example.com"},
            {"email": "frank@example.com"},
            {"email": "nobody@example.com"},
            {"mobile": "13800138001", "user_id": "bob"},
            {"mobile": "+8613800138002", "user_id": "carol"},
            {"mobile": "4155552671"},
            {"mobile": "+14155552671", "user_id": "dave"},
        ])
    );
}

#[test_case("", "ou_3f1c2b"; "an open id without being asked")]
#[test_case("?user_id_type=union_id", "on_8ed6aa67"; "a union id")]
#[tokio::test]
async fn ids_are_of_the_kind_that_is_asked_for(query: &str, id: &str) {
    let sandbox = TestSandbox::new();
    let found =
        sandbox.ask("POST", &format!("{FIND}{query}"), json!({"emails": ["alice@example.com"]})).await;
    assert_eq!(found.data()["user_list"][0]["user_id"], id);
}

#[tokio::test]
async fn whoever_has_left_is_found_on_request() {
    let sandbox = TestSandbox::new();
    let asked = json!({"emails": ["frank@example.com", "eve@example.com"], "include_resigned": true});
    let found = sandbox.ask("POST", FIND, asked).await.data();
    assert_eq!(found["user_list"][0]["user_id"], "ou_2c3d4e");
    assert_eq!(found["user_list"][1].get("user_id"), None);
}

#[tokio::test]
async fn more_than_fifty_of_a_kind_are_refused() {
    let sandbox = TestSandbox::new();
    let names = |count: usize| (0..count).map(|number| format!("{number}@example.com")).collect::<Vec<_>>();
    let fifty = json!({"emails": names(50), "mobiles": names(50)});
    assert_eq!(sandbox.ask("POST", FIND, fifty).await.code(), 0);
    let more = json!({"emails": names(51), "mobiles": names(51)});
    assert_eq!(sandbox.ask("POST", FIND, more).await.violations(), ["emails", "mobiles"]);
    let query = |count: usize| names(count).join("&user_ids=");
    let read = format!("{READ}?user_id_type=union_id&user_ids=");
    assert_eq!(sandbox.ask("GET", &format!("{read}{}", query(50)), Value::Null).await.code(), 0);
    assert_eq!(
        sandbox.ask("GET", &format!("{read}{}", query(51)), Value::Null).await.violations(),
        ["user_ids"]
    );
    assert_eq!(sandbox.ask("GET", READ, Value::Null).await.violations(), ["user_ids"]);
}

#[tokio::test]
async fn people_are_read_by_union_id_and_whoever_is_not_visible_is_left_out() {
    let sandbox = TestSandbox::new();
    let query = "user_id_type=union_id&user_ids=on_cad4860e&user_ids=on_77b0c1d3&user_ids=on_0a9f8e7d&user_ids=on_nobody";
    let read = sandbox.ask("GET", &format!("{READ}?{query}"), Value::Null).await.data();
    let bob = json!({"union_id": "on_cad4860e", "user_id": "bob", "open_id": "ou_9a8b7c"});
    assert_eq!(read["items"], json!([bob]));
}

#[tokio::test]
async fn scopes_are_needed_and_that_of_user_ids_only_for_these() {
    let sandbox = TestSandbox::new();
    let asked = json!({"emails": ["alice@example.com"]});
    sandbox.switch(json!({"granted_scopes": ["approval:approval"]})).await;
    assert_eq!(sandbox.ask("POST", FIND, asked.clone()).await.outcome(), (400, 99991672));
    let read = format!("{READ}?user_id_type=union_id&user_ids=on_8ed6aa67");
    assert_eq!(sandbox.ask("GET", &read, Value::Null).await.outcome(), (400, 99991672));
    let granted = ["contact:user.id:readonly", "contact:contact.base:readonly"];
    sandbox.switch(json!({"granted_scopes": granted})).await;
    let by_user_id = sandbox.ask("POST", &format!("{FIND}?user_id_type=user_id"), asked.clone()).await.data();
    assert_eq!(by_user_id["user_list"], json!([{"email": "alice@example.com"}]));
    assert_eq!(sandbox.ask("POST", FIND, asked).await.data()["user_list"][0]["user_id"], "ou_3f1c2b");
    let read = sandbox.ask("GET", &read, Value::Null).await.data();
    assert_eq!(read["items"], json!([{"union_id": "on_8ed6aa67", "open_id": "ou_3f1c2b"}]));
}

#[tokio::test]
async fn the_directory_is_shown_changed_and_reset() {
    let sandbox = TestSandbox::new();
    let feishu = sandbox.served().await;
    let people = json!({"people": [
        {"user_id": "gina", "email": "gina@example.com"},
        {"user_id": "alice", "open_id": "ou_new", "email": "alice@example.com", "visible": false},
    ]});
    let (status, shown) = feishu.control("PUT", "directory", people).await;
    assert_eq!(status, 200, "{shown}");
    let gina = shown["people"].as_array().unwrap().iter().find(|person| person["user_id"] == "gina").unwrap();
    assert_eq!((&gina["open_id"], &gina["union_id"]), (&json!("ou_gina"), &json!("on_gina")));
    let asked = json!({"emails": ["gina@example.com", "alice@example.com"]});
    let found = sandbox.ask("POST", FIND, asked).await.data();
    assert_eq!(
        found["user_list"],
        json!([{"email": "gina@example.com", "user_id": "ou_gina"}, {"email": "alice@example.com"}])
    );
    for wrong in
        [json!({"people": [{"email": "x@example.com"}]}), json!({"people": [{"user_id": "x", "name": "X"}]})]
    {
        assert_eq!(feishu.control("PUT", "directory", wrong).await.0, 400);
    }
    feishu.control("POST", "reset", Value::Null).await;
    let shown = sandbox.look("directory").await;
    assert!(shown["people"].as_array().unwrap().iter().all(|person| person["user_id"] != "gina"), "{shown}");
}
