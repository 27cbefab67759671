//! Takes typed values out of the merged settings and notes every error on the way.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::app_settings;
use super::error::ConfigError;
use super::layers::{Given, Layers};
use super::origin::Origin;
use super::parse::{Expected, Parsed};
use super::schema::{self, Setting};
use super::value::Raw;
use crate::domain::AppName;

/// Marks a value that is missing because of an error that the reader has noted.
#[derive(Clone, Copy)]
pub(super) struct Noted;

/// The merged settings while they are being read.
pub(super) struct Reader {
    given: BTreeMap<String, Given>,
    apps: BTreeSet<AppName>,
    /// The app whose settings are read.
    app: AppName,
    errors: Vec<ConfigError>,
}

impl Reader {
    pub(super) fn new(layers: Layers) -> Self {
        Self { given: layers.given, apps: layers.apps, app: AppName::default(), errors: layers.errors }
    }

    /// The apps that are configured, `default` first; that one is left out when nothing is said about it and
    /// something is about others.
    pub(super) fn apps(&self) -> Vec<AppName> {
        let has_default = self.apps.is_empty() || self.given.keys().any(|name| name.starts_with("feishu."));
        has_default.then(AppName::default).into_iter().chain(self.apps.iter().cloned()).collect()
    }

    /// Turns to the settings of this app; those of the whole gateway are the same for all.
    pub(super) fn turn_to(&mut self, app: &AppName) {
        self.app = app.clone();
    }

    /// The dotted name of a setting of the app that is read.
    pub(super) fn name(&self, setting: &Setting) -> Cow<'static, str> {
        app_settings::name_for(setting, &self.app)
    }

    /// The environment variable of a setting of the app that is read.
    pub(super) fn variable(&self, setting: &Setting) -> String {
        schema::variable(&self.name(setting))
    }

    /// The error for a setting that is needed; `remark` says what else would help.
    pub(super) fn missing(&mut self, settings: &[&Setting], remark: &'static str) -> Noted {
        let variables = settings.iter().map(|setting| self.variable(setting)).collect();
        let setting = settings.last().map(|setting| self.name(setting).into_owned()).unwrap_or_default();
        self.note(ConfigError::Missing { setting, variables, remark })
    }

    /// The setting's value, or the table's default read in the same way; `None` when it has neither.
    pub(super) fn optional<T>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&Raw) -> Parsed<T>,
    ) -> Result<Option<T>, Noted> {
        let fallback;
        let given = match (self.given.get(&*self.name(setting)), setting.default) {
            (Some(given), _) => given,
            (None, None) => return Ok(None),
            (None, Some(default)) => {
                fallback =
                    Given { raw: Raw::Text(default.to_owned()), origin: Origin::Default(setting.name) };
                &fallback
            }
        };
        match parse(&given.raw) {
            Ok(value) => Ok(Some(value)),
            Err(Expected { what: expected, suggestion }) => {
                let found = (!setting.secret).then(|| given.raw.excerpt());
                let origin = given.origin.clone();
                Err(self.note(ConfigError::Invalid { origin, expected, found, suggestion }))
            }
        }
    }

    /// The value of a setting that others need; `remark` goes behind the error when it is not set.
    pub(super) fn needed<T>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&Raw) -> Parsed<T>,
        remark: &'static str,
    ) -> Result<T, Noted> {
        match self.optional(setting, parse)? {
            Some(value) => Ok(value),
            None => Err(self.missing(&[setting], remark)),
        }
    }

    /// The setting's value, or `otherwise` when it has neither a value nor a default.
    pub(super) fn value_or<T>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&Raw) -> Parsed<T>,
        otherwise: impl FnOnce() -> T,
    ) -> Result<T, Noted> {
        Ok(self.optional(setting, parse)?.unwrap_or_else(otherwise))
    }

    /// The value of a setting that must have one.
    pub(super) fn value<T>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&Raw) -> Parsed<T>,
    ) -> Result<T, Noted> {
        self.needed(setting, parse, "")
    }

    /// The place that gave the setting, or its default.
    pub(super) fn origin(&self, setting: &Setting) -> Origin {
        self.given
            .get(&*self.name(setting))
            .map_or(Origin::Default(setting.name), |given| given.origin.clone())
    }

    /// Whether some place gave the setting.
    pub(super) fn is_given(&self, setting: &Setting) -> bool {
        self.given.contains_key(&*self.name(setting))
    }

    /// Keeps an error for the report.
    pub(super) fn note(&mut self, error: ConfigError) -> Noted {
        self.errors.push(error);
        Noted
    }

    pub(super) fn into_errors(self) -> Vec<ConfigError> {
        self.errors
    }
}
