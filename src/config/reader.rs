//! Takes typed values out of the merged settings and notes every error on the way.

use std::collections::BTreeMap;

use super::error::ConfigError;
use super::layers::{Given, Layers};
use super::origin::Origin;
use super::parse::Parsed;
use super::schema::Setting;
use super::value::Raw;

/// The value is missing because of an error that the reader has noted.
#[derive(Clone, Copy)]
pub(super) struct Noted;

/// The merged settings while they are being read.
pub(super) struct Reader {
    given: BTreeMap<&'static str, Given>,
    errors: Vec<ConfigError>,
}

impl Reader {
    pub(super) fn new(layers: Layers) -> Self {
        Self { given: layers.given, errors: layers.errors }
    }

    /// The setting's value, or the table's default read in the same way; `None` when it has neither.
    pub(super) fn optional<T>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&Raw) -> Parsed<T>,
    ) -> Result<Option<T>, Noted> {
        let fallback;
        let given = match (self.given.get(setting.name), setting.default) {
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
            Err(expected) => {
                let found = (!setting.secret).then(|| given.raw.excerpt());
                let origin = given.origin.clone();
                Err(self.note(ConfigError::Invalid { origin, expected: expected.0, found }))
            }
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
        match self.optional(setting, parse)? {
            Some(value) => Ok(value),
            None => Err(self.note(ConfigError::missing(setting, ""))),
        }
    }

    /// The place that gave the setting, or its default.
    pub(super) fn origin(&self, setting: &Setting) -> Origin {
        self.given.get(setting.name).map_or(Origin::Default(setting.name), |given| given.origin.clone())
    }

    /// Whether some place gave the setting.
    pub(super) fn is_given(&self, setting: &Setting) -> bool {
        self.given.contains_key(setting.name)
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
