//! What to do about what is wrong, in English and Chinese; the menus are those of Feishu's developer console.

use serde::Serialize;

/// What to do, in both languages.
#[derive(Debug, Serialize)]
pub(super) struct Advice {
    pub(super) en: String,
    pub(super) zh: String,
    /// Where to click.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
}

/// Pages of one app in the developer console.
#[derive(Debug)]
pub(super) struct Console {
    pub(super) origin: &'static str,
    pub(super) app_id: String,
}

impl Console {
    fn page(&self, page: &str) -> Option<String> {
        Some(format!("{}/app/{}/{page}", self.origin, self.app_id))
    }
}

fn advice(en: impl Into<String>, zh: impl Into<String>) -> Advice {
    Advice { en: en.into(), zh: zh.into(), url: None }
}

pub(super) fn name_not_found(host: &str) -> Advice {
    advice(
        format!(
            "The name {host} is not found. Check base_url and the DNS of this machine; behind a proxy set HTTPS_PROXY."
        ),
        format!("无法解析域名 {host}。请检查 base_url 和本机的 DNS；如果需要代理，请设置 HTTPS_PROXY。"),
    )
}

pub(super) fn not_connected(host: &str, port: u16) -> Advice {
    advice(
        format!(
            "Nothing answers at {host}, port {port}. Open the firewall for it; behind a proxy set HTTPS_PROXY."
        ),
        format!("无法连接 {host} 的 {port} 端口。请在防火墙上放行；如果需要代理，请设置 HTTPS_PROXY。"),
    )
}

pub(super) fn proxy_not_found(proxy: &str) -> Advice {
    advice(
        format!(
            "The name of the proxy {proxy} is not found. Check HTTPS_PROXY, or name the host in NO_PROXY."
        ),
        format!(
            "无法解析代理 {proxy} 的域名。请检查 HTTPS_PROXY；如果不需要代理，请把目标域名加入 NO_PROXY。"
        ),
    )
}

pub(super) fn proxy_not_connected(proxy: &str) -> Advice {
    advice(
        format!("Nothing answers at the proxy {proxy}. Check HTTPS_PROXY and whether the proxy runs."),
        format!("无法连接代理 {proxy}。请检查 HTTPS_PROXY，并确认代理正在运行。"),
    )
}

pub(super) fn proxy_refuses(proxy: &str, answer: &str) -> Advice {
    advice(
        format!(
            "The proxy {proxy} lets no connection through; it answers \"{answer}\". Have it allow this host, and check \
             the name and password in HTTPS_PROXY."
        ),
        format!(
            "代理 {proxy} 拒绝建立连接，它的应答是「{answer}」。请在代理上放行该域名，并检查 HTTPS_PROXY 中的用户名和密码。"
        ),
    )
}

pub(super) fn proxy_silent(proxy: &str) -> Advice {
    advice(
        format!(
            "The proxy {proxy} takes connections and does not answer as a proxy does. Check HTTPS_PROXY."
        ),
        format!("代理 {proxy} 接受连接，但没有作出代理应有的应答。请检查 HTTPS_PROXY。"),
    )
}

pub(super) fn proxy_in_between(proxy: &str) -> Advice {
    advice(
        format!(
            "The proxy {proxy} is reached, but no connection comes about through it. Check HTTPS_PROXY, and whether the \
             proxy's certificate is trusted (SSL_CERT_FILE)."
        ),
        format!(
            "可以连接代理 {proxy}，但无法通过它建立连接。请检查 HTTPS_PROXY，并确认代理的证书受信任（SSL_CERT_FILE）。"
        ),
    )
}

pub(super) fn no_answer(host: &str) -> Advice {
    advice(
        format!(
            "{host} takes connections and does not answer as Feishu does, or not in time. Check base_url and what stands \
             between, such as a proxy or a load balancer; try again in some minutes."
        ),
        format!(
            "{host} 接受连接，但没有及时作出应答，或应答方不是飞书。请检查 base_url 以及中间的代理或负载均衡；几分钟后再试。"
        ),
    )
}

pub(super) fn no_tls(host: &str) -> Advice {
    advice(
        format!(
            "{host} is reached, but no connection can be agreed on: mostly its certificate is not trusted. Install the CA \
             certificates (package ca-certificates), or that of a proxy that opens TLS, and name it in SSL_CERT_FILE."
        ),
        format!(
            "可以连接 {host}，但无法建立安全连接，多半是证书不受信任。请安装 CA 证书（ca-certificates），或安装中间代理的证书并用 SSL_CERT_FILE 指定。"
        ),
    )
}

pub(super) fn not_feishu() -> Advice {
    advice(
        "Something else answers in Feishu's place, such as a proxy's page. Check base_url, HTTPS_PROXY and the region.",
        "应答方不是飞书，可能是代理的页面。请检查 base_url、HTTPS_PROXY 和 region。",
    )
}

pub(super) fn trouble() -> Advice {
    advice("Feishu has trouble of its own. Try again in some minutes.", "飞书自身出现故障。请过几分钟再试。")
}

pub(super) fn clock() -> Advice {
    advice(
        "Set this machine's clock (NTP): versions of approvals come from it when callers give none.",
        "请校准本机时钟（NTP）：调用方未提供版本时，审批的版本取自本机时间。",
    )
}

pub(super) fn credentials(console: &Console) -> Advice {
    Advice {
        url: console.page("baseinfo"),
        ..advice(
            "Compare app_id, app_secret and region with the developer console: Credentials & Basic Info. Is the app enabled?",
            "请与开发者后台「凭证与基础信息」核对 app_id、app_secret 和 region，并确认应用已启用。",
        )
    }
}

pub(super) fn store_app(console: &Console) -> Advice {
    Advice {
        url: console.page("baseinfo"),
        ..advice(
            "Compare app_id, app_secret, tenant_key and region with the developer console. Is it a store app, and has the tenant \
             installed it?",
            "请与开发者后台核对 app_id、app_secret、tenant_key 和 region，并确认该应用是商店应用且已被该企业安装。",
        )
    }
}

pub(super) fn no_ticket(console: &Console) -> Advice {
    Advice {
        url: console.page("event"),
        ..advice(
            "Start the gateway with callbacks.listen, and in the developer console let events go to its public address with the path \
             /feishu/NAME/events, with the token and key of the configuration. The gateway asks for a ticket by itself; it comes some \
             minutes later.",
            "请启动设置了 callbacks.listen 的网关，并在开发者后台把事件请求地址设为其公网地址加路径 /feishu/NAME/events，\
             Verification Token 和 Encrypt Key 与配置一致。网关会自行请求推送 app_ticket，几分钟后到达。",
        )
    }
}

pub(super) fn ticket_refused() -> Advice {
    advice(
        "Feishu does not take the ticket that is kept. A running gateway asks for another one within a minute; ask the doctor again in \
         some minutes.",
        "飞书不接受已保存的 app_ticket。正在运行的网关会在一分钟内请求重新推送；请几分钟后再次运行 doctor。",
    )
}

pub(super) fn scopes(console: &Console, scopes: &[String]) -> Advice {
    let list = scopes.join(", ");
    Advice {
        url: console.page(&format!("auth?q={}&op_from=openapi&token_type=tenant", scopes.join(","))),
        ..advice(
            format!(
                "In the developer console open Permissions & Scopes and add one of: {list}. Then create a version under \
                 Version Management & Release, and have the tenant's administrator approve it."
            ),
            format!(
                "请在开发者后台打开「权限管理」，开通以下权限之一：{list}；然后在「版本管理与发布」中创建版本并发布，由企业管理员审核通过。"
            ),
        )
    }
}

pub(super) fn address(console: &Console) -> Advice {
    Advice {
        url: console.page("safe"),
        ..advice(
            "In the developer console open Security Settings and add this machine's outgoing address to the IP allowlist.",
            "请在开发者后台打开「安全设置」，把本机的出口 IP 加入 IP 白名单。",
        )
    }
}

pub(super) fn quota() -> Advice {
    advice(
        "The tenant's calls of this month are used up. Buy more, or wait for the next month.",
        "企业本月的调用额度已用完。请购买更多额度，或等到下个月。",
    )
}

pub(super) fn tenant() -> Advice {
    advice(
        "App, tenant and region do not fit together. Check that the app belongs to this tenant and is published there.",
        "应用、企业和 region 不匹配。请确认应用属于该企业并已在其中发布。",
    )
}

pub(super) fn unknown_code() -> Advice {
    advice(
        "Look the code up in Feishu's list of codes, or quote the log id to Feishu's support.",
        "请在飞书的错误码列表中查询该代码，或向飞书技术支持提供 log_id。",
    )
}

pub(super) fn no_directory() -> Advice {
    advice(
        "Create the directory for the gateway's user, or name another path in ledger.url.",
        "请为运行网关的用户创建该目录，或在 ledger.url 中指定其他路径。",
    )
}

pub(super) fn network_file_system() -> Advice {
    advice(
        "Name a path on a disk of this machine in ledger.url: on a network file system the ledger can be damaged.",
        "请在 ledger.url 中指定本机磁盘上的路径：放在网络文件系统上，台账可能损坏。",
    )
}

pub(super) fn not_writable() -> Advice {
    advice(
        "Let the gateway's user write to the file and to its directory, and ask the doctor as that user.",
        "请让运行网关的用户可以写入该文件及其所在目录，并以该用户运行 doctor。",
    )
}

pub(super) fn foreign_file() -> Advice {
    advice(
        "Something else has this name. Name another path in ledger.url; the gateway leaves the file as it is.",
        "该路径上是其他文件。请在 ledger.url 中指定其他路径；网关不会改动该文件。",
    )
}

pub(super) fn damaged_ledger() -> Advice {
    advice(
        "Put the file aside, and restore the last backup with `approval-gateway ledger restore`. Look at the disk, too.",
        "请移走该文件，用 `approval-gateway ledger restore` 恢复最近的备份，并检查磁盘。",
    )
}

pub(super) fn newer_ledger() -> Advice {
    advice(
        "Start the newer gateway that made it, or restore the backup that was made before the upgrade.",
        "请启动创建它的新版网关，或恢复升级前的备份。",
    )
}

pub(super) fn ledger_io() -> Advice {
    advice("Look at the disk and the rights of the directory.", "请检查磁盘以及目录的权限。")
}

pub(super) fn disk_space() -> Advice {
    advice(
        "Make room: with a full disk nothing more is accepted (503 ledger_unavailable).",
        "请清理磁盘空间：磁盘写满后网关将不再接收文档（503 ledger_unavailable）。",
    )
}

pub(super) fn no_database() -> Advice {
    advice(
        "Check that the server runs and lets this machine in (pg_hba.conf), and compare host, port, user, password and sslmode \
         in ledger.url with it.",
        "请确认数据库正在运行并允许本机连接（pg_hba.conf），并核对 ledger.url 中的主机、端口、用户、密码和 sslmode。",
    )
}

pub(super) fn database_permission() -> Advice {
    advice(
        "Let the gateway's user own its database, or grant it CREATE on the schema and SELECT, INSERT, UPDATE, DELETE on \
         the tables.",
        "请让网关的用户成为数据库的所有者，或授予其对 schema 的 CREATE 权限以及对各表的 SELECT、INSERT、UPDATE、DELETE 权限。",
    )
}

pub(super) fn database_forgets() -> Advice {
    advice(
        "Turn fsync and synchronous_commit on, for the server and for the gateway's user. ledger.allow_unsafe = true is \
         only for a database that may forget.",
        "请为服务器和网关的用户打开 fsync 和 synchronous_commit。只有允许丢失数据的数据库才可设置 ledger.allow_unsafe = true。",
    )
}

pub(super) fn foreign_database() -> Advice {
    advice(
        "Give the gateway a database of its own, or a schema of its own in its user's search_path.",
        "请为网关准备单独的数据库，或在其用户的 search_path 中设置单独的 schema。",
    )
}

pub(super) fn standby_database() -> Advice {
    advice(
        "Name the primary in ledger.url, or all servers with target_session_attrs=read-write.",
        "请在 ledger.url 中填写主库，或列出全部服务器并加上 target_session_attrs=read-write。",
    )
}

pub(super) fn old_database() -> Advice {
    advice("Use PostgreSQL 14 or later.", "请使用 PostgreSQL 14 或更高版本。")
}

pub(super) fn nobody_pushes() -> Advice {
    advice(
        "Ask again: another gateway takes the lease of one that died within 17 seconds. If nobody does, the log of the gateways \
         says why; does one of them serve this app?",
        "请稍后再查：网关异常退出后，其他网关会在 17 秒内接管。若一直无人接管，请查看各网关的日志，并确认其中有网关配置了该应用。",
    )
}

pub(super) fn database_clock() -> Advice {
    advice(
        "Set the clocks of this machine and of the database server (NTP). The gateways go by the database's.",
        "请校准本机和数据库服务器的时钟（NTP）。各网关以数据库的时间为准。",
    )
}

pub(super) fn callbacks_unreached(address: &str) -> Advice {
    advice(
        format!(
            "Feishu has to reach {address} from the internet. Check public_url, DNS, the firewall and the reverse proxy, and whether \
             the gateway runs with callbacks.listen."
        ),
        format!(
            "飞书需要能从公网访问 {address}。请检查 public_url、DNS、防火墙和反向代理，并确认网关已启动且设置了 callbacks.listen。"
        ),
    )
}

pub(super) fn callbacks_elsewhere(address: &str) -> Advice {
    advice(
        format!(
            "Something else answers at {address}. Let the reverse proxy hand /feishu/ on to callbacks.listen, with the path as it is."
        ),
        format!("{address} 由其他服务应答。请让反向代理把 /feishu/ 原样转发到 callbacks.listen。"),
    )
}
