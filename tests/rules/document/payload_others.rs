//! Whole payloads of the other kinds, as Feishu gets them.

use approval_gateway::domain::Mode;
use insta::assert_json_snapshot;

use crate::document::support::{PUSH, Push, upsert};

#[test]
fn an_update_becomes() {
    let document = r#"{
        "approval_code": "5E1B7C42",
        "status": "approved",
        "mobile_link": "https://oa.example.org/m/1",
        "applicant_name": "cron",
        "started_at": "2026-03-14T09:00:00+08:00",
        "updated_at": "2026-03-15T09:00:00+08:00",
        "ended_at": "2026-03-15T09:00:00+08:00",
        "locale": "en-US",
        "tasks": [{"task_id": "t1", "user_id": "u2", "status": "approved",
                   "created_at": "2026-03-14T01:00:00Z", "ended_at": "2026-03-15T01:00:00Z"}]
    }"#;
    let update = Push { mode: Mode::Update, ..PUSH };
    assert_json_snapshot!(update.payload(document.as_bytes()).unwrap(), @r#"
    {
      "approval_code": "5E1B7C42",
      "end_time": "1773536400000",
      "i18n_resources": [
        {
          "is_default": true,
          "locale": "en-US",
          "texts": [
            {
              "key": "@i18n@m2do55pc5lln35ygy7jk6me3",
              "value": "cron"
            }
          ]
        }
      ],
      "instance_id": "i-1",
      "links": {
        "mobile_link": "https://oa.example.org/m/1",
        "pc_link": "https://oa.example.org/m/1"
      },
      "start_time": "1773450000000",
      "status": "APPROVED",
      "task_list": [
        {
          "create_time": "1773450000000",
          "end_time": "1773536400000",
          "links": {
            "mobile_link": "https://oa.example.org/m/1",
            "pc_link": "https://oa.example.org/m/1"
          },
          "status": "APPROVED",
          "task_id": "t1",
          "update_time": "1773536400000",
          "user_id": "u2"
        }
      ],
      "update_mode": "UPDATE",
      "update_time": "1773536400000",
      "user_name": "@i18n@m2do55pc5lln35ygy7jk6me3"
    }
    "#);
}

#[test]
fn a_hosted_form_without_any_text_becomes() {
    let document = r#"{
        "approval_code": "5E1B7C42",
        "status": "hidden",
        "pc_link": "https://oa.example.org/1",
        "mobile_link": "https://oa.example.org/m/1",
        "applicant_open_id": "ou_1",
        "started_at": "2026-03-14T09:00:00+08:00",
        "display_method": "trusteeship",
        "tasks": [],
        "trusteeship": {
            "url_token": "secret",
            "user_id_type": "user_id",
            "form_detail_url": "https://oa.example.org/form",
            "action_definition_url": "https://oa.example.org/actions",
            "approval_node_url": "https://oa.example.org/nodes",
            "action_callback_url": "https://oa.example.org/callback",
            "pull_business_data_url": "https://oa.example.org/data",
            "cache_policy": "by_node",
            "cache_varies_with_locale": true,
            "cache_version": 9223372036854775807
        }
    }"#;
    assert_json_snapshot!(PUSH.payload(document.as_bytes()).unwrap(), @r#"
    {
      "approval_code": "5E1B7C42",
      "display_method": "TRUSTEESHIP",
      "end_time": "0",
      "i18n_resources": [
        {
          "is_default": true,
          "locale": "zh-CN",
          "texts": []
        }
      ],
      "instance_id": "i-1",
      "links": {
        "mobile_link": "https://oa.example.org/m/1",
        "pc_link": "https://oa.example.org/1"
      },
      "open_id": "ou_1",
      "start_time": "1773450000000",
      "status": "HIDDEN",
      "task_list": [],
      "trusteeship_cache_config": {
        "form_policy": "BY_NODE",
        "form_vary_with_locale": true,
        "form_version": "9223372036854775807"
      },
      "trusteeship_url_token": "secret",
      "trusteeship_urls": {
        "action_callback_url": "https://oa.example.org/callback",
        "action_definition_url": "https://oa.example.org/actions",
        "approval_node_url": "https://oa.example.org/nodes",
        "form_detail_url": "https://oa.example.org/form",
        "pull_business_data_url": "https://oa.example.org/data"
      },
      "trusteeship_user_id_type": "user_id",
      "update_mode": "REPLACE",
      "update_time": "1773450000000"
    }
    "#);
}

#[test]
fn a_definition_becomes() {
    let document = r#"{
        "definition_key": "travel",
        "name": "出差",
        "group_key": "office",
        "group_name": "行政",
        "description": "出差",
        "source_name": "OA",
        "business_type": "travel",
        "pc_create_link": "https://oa.example.org/new",
        "support_pc": true,
        "allow_batch_operate": true,
        "action_callback_url": "https://oa.example.org/callback",
        "action_callback_token": "",
        "action_callback_key": "k",
        "viewers": {"scope": "selected", "user_ids": ["u1"], "department_ids": ["d1"]},
        "managers": ["u9"],
        "translations": {"en-US": {"出差": "Travel"}}
    }"#;
    assert_json_snapshot!(upsert(document.as_bytes()).unwrap(), @r#"
    {
      "approval_code": "travel",
      "approval_name": "@i18n@4ltkuqtyhmpefydxlcmzonqb",
      "description": "@i18n@4ltkuqtyhmpefydxlcmzonqb",
      "external": {
        "action_callback_key": "k",
        "action_callback_url": "https://oa.example.org/callback",
        "allow_batch_operate": true,
        "biz_name": "@i18n@xtpvj342azin7qahctlwmrix",
        "biz_type": "travel",
        "create_link_pc": "https://oa.example.org/new",
        "exclude_efficiency_statistics": false,
        "support_batch_read": false,
        "support_mobile": false,
        "support_pc": true
      },
      "group_code": "office",
      "group_name": "@i18n@wb34lep32l4w5rs6aqz2fkvs",
      "i18n_resources": [
        {
          "is_default": true,
          "locale": "zh-CN",
          "texts": [
            {
              "key": "@i18n@4ltkuqtyhmpefydxlcmzonqb",
              "value": "出差"
            },
            {
              "key": "@i18n@wb34lep32l4w5rs6aqz2fkvs",
              "value": "行政"
            },
            {
              "key": "@i18n@xtpvj342azin7qahctlwmrix",
              "value": "OA"
            }
          ]
        },
        {
          "is_default": false,
          "locale": "en-US",
          "texts": [
            {
              "key": "@i18n@4ltkuqtyhmpefydxlcmzonqb",
              "value": "Travel"
            }
          ]
        }
      ],
      "managers": [
        "u9"
      ],
      "viewers": [
        {
          "viewer_type": "USER",
          "viewer_user_id": "u1"
        },
        {
          "viewer_department_id": "d1",
          "viewer_type": "DEPARTMENT"
        }
      ]
    }
    "#);
}
