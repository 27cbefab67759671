//! A whole payload with nearly everything in it, as Feishu gets it.

use insta::assert_json_snapshot;

use crate::document::support::PUSH;

#[test]
fn a_rich_instance_becomes() {
    let document = r#"{
        "instance_id": "i-1",
        "approval_code": "5E1B7C42-90AD-4F36-B8D3-71C2E64FA905",
        "status": "pending",
        "title": "出差申请：成都",
        "pc_link": "https://oa.example.org/travel/1?a=1&b=%20",
        "applicant_user_id": "b51f70ac",
        "applicant_open_id": "ou_1",
        "applicant_name": "张三",
        "department_id": "",
        "department_name": "行政",
        "form": [{"name": "目的地", "value": "成都"}, {"name": "目的地", "value": ""}],
        "started_at": "2026-03-14T09:00:00.1239+08:00",
        "business_key": "TR-1",
        "extra": {"amount": 12.50, "nested": {"b": [1e5, null], "a": ""}},
        "display_method": "sidebar",
        "translations": {
            "ja-JP": {"成都": "成都"},
            "en-US": {"成都": "Chengdu", "同意": "Agree", "重庆": "Chongqing", "目的地": ""}
        },
        "tasks": [
            {
                "task_id": "i-1/t1", "user_id": "u2", "title": "@i18n@主管", "status": "pending",
                "created_at": "2026-03-14T01:00:00Z",
                "action_context": "{\"doc\": 1}",
                "actions": [
                    {"action": "approve", "label": "同意"},
                    {"action": "转交", "label": "转交", "reason": "required", "attachment": true}
                ],
                "node_id": "n1", "node_name": "同意", "exclude_from_statistics": false, "generate_type": "default"
            },
            {
                "task_id": "i-1/t2", "open_id": "ou_3", "mobile_link": "lark://x", "status": "done",
                "created_at": "2026-03-14T01:00:00Z", "updated_at": "2026-03-14T02:00:00Z",
                "ended_at": "2026-03-14T03:00:00Z", "complete_reason": "auto_skip",
                "actions": [{"action": "reject", "reason": "optional"}]
            }
        ],
        "cc": [{"cc_id": "i-1/c1", "user_id": "u4", "title": "成都", "read": true,
                "created_at": "2026-03-14T01:00:00Z", "extra": {}}]
    }"#;
    assert_json_snapshot!(PUSH.payload(document.as_bytes()).unwrap(), @r#"
    {
      "approval_code": "5E1B7C42-90AD-4F36-B8D3-71C2E64FA905",
      "cc_list": [
        {
          "cc_id": "i-1/c1",
          "create_time": "1773450000000",
          "extra": "{}",
          "links": {
            "mobile_link": "https://oa.example.org/travel/1?a=1&b=%20",
            "pc_link": "https://oa.example.org/travel/1?a=1&b=%20"
          },
          "read_status": "READ",
          "title": "成都",
          "update_time": "1773450000000",
          "user_id": "u4"
        }
      ],
      "department_id": "",
      "department_name": "@i18n@wb34lep32l4w5rs6aqz2fkvs",
      "display_method": "SIDEBAR",
      "end_time": "0",
      "extra": "{\"amount\":12.50,\"nested\":{\"b\":[1e5,null],\"a\":\"\"},\"business_key\":\"TR-1\"}",
      "form": [
        {
          "name": "@i18n@rhtfx5fsyhbvnbafvtne65ko",
          "value": "@i18n@castyisbixcf6zg4ovc64tm2"
        },
        {
          "name": "@i18n@rhtfx5fsyhbvnbafvtne65ko"
        }
      ],
      "i18n_resources": [
        {
          "is_default": true,
          "locale": "zh-CN",
          "texts": [
            {
              "key": "@i18n@a2qsvbsaplhwvohr43btxhqc",
              "value": "出差申请：成都"
            },
            {
              "key": "@i18n@rhtfx5fsyhbvnbafvtne65ko",
              "value": "目的地"
            },
            {
              "key": "@i18n@castyisbixcf6zg4ovc64tm2",
              "value": "成都"
            },
            {
              "key": "@i18n@6wqs4r2h3btbkralzaplapqs",
              "value": "张三"
            },
            {
              "key": "@i18n@wb34lep32l4w5rs6aqz2fkvs",
              "value": "行政"
            },
            {
              "key": "@i18n@a7xslffat5zo7zhr3ygwfyhv",
              "value": "@i18n@主管"
            },
            {
              "key": "@i18n@3t52stuauwynerw7cvlcqwyt",
              "value": "同意"
            },
            {
              "key": "@i18n@bjzuhv67lno5zcuphjhu7t2i",
              "value": "转交"
            }
          ]
        },
        {
          "is_default": false,
          "locale": "en-US",
          "texts": [
            {
              "key": "@i18n@castyisbixcf6zg4ovc64tm2",
              "value": "Chengdu"
            },
            {
              "key": "@i18n@3t52stuauwynerw7cvlcqwyt",
              "value": "Agree"
            }
          ]
        },
        {
          "is_default": false,
          "locale": "ja-JP",
          "texts": [
            {
              "key": "@i18n@castyisbixcf6zg4ovc64tm2",
              "value": "成都"
            }
          ]
        }
      ],
      "instance_id": "i-1",
      "links": {
        "mobile_link": "https://oa.example.org/travel/1?a=1&b=%20",
        "pc_link": "https://oa.example.org/travel/1?a=1&b=%20"
      },
      "open_id": "ou_1",
      "start_time": "1773450000123",
      "status": "PENDING",
      "task_list": [
        {
          "action_configs": [
            {
              "action_name": "@i18n@3t52stuauwynerw7cvlcqwyt",
              "action_type": "APPROVE",
              "is_need_attachment": false,
              "is_need_reason": false,
              "is_reason_required": false
            },
            {
              "action_name": "@i18n@bjzuhv67lno5zcuphjhu7t2i",
              "action_type": "转交",
              "is_need_attachment": true,
              "is_need_reason": true,
              "is_reason_required": true
            }
          ],
          "action_context": "{\"doc\": 1}",
          "create_time": "1773450000000",
          "end_time": "0",
          "exclude_statistics": false,
          "generate_type": "DEFAULT",
          "links": {
            "mobile_link": "https://oa.example.org/travel/1?a=1&b=%20",
            "pc_link": "https://oa.example.org/travel/1?a=1&b=%20"
          },
          "node_id": "n1",
          "node_name": "@i18n@3t52stuauwynerw7cvlcqwyt",
          "status": "PENDING",
          "task_id": "i-1/t1",
          "title": "@i18n@a7xslffat5zo7zhr3ygwfyhv",
          "update_time": "1773450000000",
          "user_id": "u2"
        },
        {
          "action_configs": [
            {
              "action_type": "REJECT",
              "is_need_attachment": false,
              "is_need_reason": true,
              "is_reason_required": false
            }
          ],
          "create_time": "1773450000000",
          "end_time": "1773457200000",
          "extra": "{\"complete_reason\":\"auto_skip\"}",
          "links": {
            "mobile_link": "lark://x",
            "pc_link": "lark://x"
          },
          "open_id": "ou_3",
          "status": "DONE",
          "task_id": "i-1/t2",
          "update_time": "1773453600000"
        }
      ],
      "title": "@i18n@a2qsvbsaplhwvohr43btxhqc",
      "update_mode": "REPLACE",
      "update_time": "1773450000000",
      "user_id": "b51f70ac",
      "user_name": "@i18n@6wqs4r2h3btbkralzaplapqs"
    }
    "#);
}
