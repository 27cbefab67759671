//! The settings of further apps: `apps.NAME.region` means for the app `NAME` what `feishu.region` means for `default`.

use std::borrow::Cow;

use super::schema::{self, Setting};
use crate::domain::AppName;

/// The section that holds one section for each further app.
const SECTION: &str = "apps";

/// The section of the app `default`, whose settings every other app has as well.
const DEFAULT_SECTION: &str = "feishu";

/// `feishu.region` without its section; none for a setting of the whole gateway.
fn of_app(setting: &Setting) -> Option<&'static str> {
    setting.name.strip_prefix(DEFAULT_SECTION)?.strip_prefix('.')
}

/// The dotted name under which an app has this setting; those of the whole gateway have one name only.
pub(super) fn name_for(setting: &Setting, app: &AppName) -> Cow<'static, str> {
    match of_app(setting) {
        Some(rest) if !app.is_default() => format!("{SECTION}.{app}.{rest}").into(),
        _ => setting.name.into(),
    }
}

/// What stands for the app's name in `apps.NAME` and `apps.NAME.region`, whether it can be one or not.
pub(super) fn app_in(name: &str) -> Option<&str> {
    let rest = name.strip_prefix(SECTION)?.strip_prefix('.')?;
    rest.split('.').next().filter(|app| !app.is_empty())
}

/// Whether the name is that of an app's own section, `apps.NAME`.
pub(super) fn is_app(name: &str) -> bool {
    app_in(name).is_some_and(|app| name.len() == SECTION.len() + 1 + app.len())
}

/// The setting behind a dotted name of either kind, whatever the app is called.
pub(super) fn find(name: &str) -> Option<&'static Setting> {
    match app_in(name) {
        Some(app) => {
            let rest = name[SECTION.len() + 1 + app.len()..].strip_prefix('.')?;
            schema::SETTINGS.iter().find(|setting| of_app(setting) == Some(rest))
        }
        None => schema::find(name),
    }
}

/// Whether settings may lie below that name.
pub(super) fn is_section(name: &str) -> bool {
    match app_in(name) {
        _ if name == SECTION => true,
        Some(app) => schema::is_section(&name.replacen(&format!("{SECTION}.{app}"), DEFAULT_SECTION, 1)),
        None => schema::is_section(name),
    }
}

/// The dotted name that an unknown one probably meant.
pub(super) fn suggest(unknown: &str) -> Option<String> {
    let parts: Vec<&str> = unknown.splitn(3, '.').collect();
    // Three parts, because the second is anybody's choice: `app.erp.regoin`.
    if let [section, app, rest] = parts[..]
        && strsim::damerau_levenshtein(&section.to_lowercase(), SECTION) <= 1
        && let Ok(app) = app.to_lowercase().parse::<AppName>()
    {
        let meant = schema::suggest(&format!("{DEFAULT_SECTION}.{rest}"))?;
        return of_app(meant).map(|rest| format!("{SECTION}.{app}.{rest}"));
    }
    schema::suggest(unknown).map(|setting| setting.name.to_owned())
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("apps.erp.region" => Some("feishu.region"))]
    #[test_case("apps.erp.rate.per_second" => Some("feishu.rate.per_second"))]
    #[test_case("apps.erp" => None; "a section")]
    #[test_case("apps.erp.listen" => None; "a setting of the whole gateway")]
    #[test_case("apps.erp.regionx" => None; "a longer name")]
    #[test_case("appsx.erp.region" => None; "another section")]
    #[test_case("listen" => Some("listen"))]
    fn found(name: &str) -> Option<&'static str> {
        find(name).map(|setting| setting.name)
    }

    #[test_case("apps" => true)]
    #[test_case("apps.erp" => true)]
    #[test_case("apps.erp.rate" => true)]
    #[test_case("apps.erp.region" => false)]
    #[test_case("apps.erp.colour" => false)]
    #[test_case("feishu.rate" => true)]
    fn section(name: &str) -> bool {
        is_section(name)
    }

    #[test_case("apps.erp.regoin" => Some("apps.erp.region".to_owned()); "a slip of the finger")]
    #[test_case("app.erp.region" => Some("apps.erp.region".to_owned()); "the section misspelt")]
    #[test_case("apps.erp.colour" => None; "nothing near")]
    #[test_case("feishu.regoin" => Some("feishu.region".to_owned()); "the default app")]
    fn meant(unknown: &str) -> Option<String> {
        suggest(unknown)
    }

    #[test]
    fn only_settings_of_an_app_have_a_name_for_each() {
        let erp: AppName = "erp".parse().unwrap();
        assert_eq!(name_for(&schema::REGION, &erp), "apps.erp.region");
        assert_eq!(name_for(&schema::REGION, &AppName::default()), "feishu.region");
        assert_eq!(name_for(&schema::LISTEN, &erp), "listen");
    }
}
