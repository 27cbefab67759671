//! File, environment and flags laid over each other; the topmost value of each setting remains.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::app_settings;
use super::error::ConfigError;
use super::origin::Origin;
use super::schema::{self, CONFIG_VARIABLE, OTLP_ENDPOINT, OTLP_VARIABLE, Setting};
use super::sources::{Flag, Sources};
use super::value::Raw;
use super::{environment, file};
use crate::domain::AppName;

/// A value and the place that gave it.
pub(super) struct Given {
    pub(super) raw: Raw,
    pub(super) origin: Origin,
}

/// What remains of all places.
#[derive(Default)]
pub(super) struct Layers {
    /// By dotted name.
    pub(super) given: BTreeMap<String, Given>,
    /// The apps beside `default`.
    pub(super) apps: BTreeSet<AppName>,
    pub(super) errors: Vec<ConfigError>,
    /// What stood where an app's name belongs and was reported, so that each is reported once.
    refused_apps: BTreeSet<String>,
}

/// Lays the places over each other: file, then environment, then flags.
pub(super) fn merge(sources: Sources) -> Layers {
    let environment = environment::read(sources.environment);
    let mut layers = Layers::default();

    if let Some(endpoint) = environment.standard_otlp_endpoint {
        // Meant for all programs of the machine, so everything that is meant for this one overrides it.
        let origin = Origin::Environment(OTLP_VARIABLE.to_owned());
        layers.set(OTLP_ENDPOINT.name.to_owned(), Raw::Text(endpoint), origin);
    }
    let from_flag = sources.config_file.map(|path| (path, Origin::Flag("--config".to_owned())));
    let from_environment = environment
        .config_file
        .map(|path| (PathBuf::from(path), Origin::Environment(CONFIG_VARIABLE.to_owned())));
    if let Some((path, named_by)) = from_flag.or(from_environment) {
        match file::read(&path, &named_by) {
            Ok(values) => layers.add_file(&path, values),
            Err(error) => layers.errors.push(error),
        }
    }

    layers.errors.extend(environment.errors);
    for (name, value, origin) in environment.values {
        let name = layers.as_in_file(name);
        layers.set(name, Raw::Text(value), origin);
    }
    for flag in sources.flags {
        layers.add_flag(flag);
    }
    layers
}

impl Layers {
    fn set(&mut self, name: String, raw: Raw, origin: Origin) {
        if self.declare_app(&name, &origin) {
            self.given.insert(name, Given { raw, origin });
        }
    }

    /// Notes the app of a setting, if it is one's; answers whether the name can be meant.
    fn declare_app(&mut self, name: &str, origin: &Origin) -> bool {
        let Some(word) = app_settings::app_in(name) else { return true };
        let error = match word.parse::<AppName>() {
            Ok(app) if !app.is_default() => {
                self.apps.insert(app);
                return true;
            }
            Ok(_) => ConfigError::DefaultApp { origin: origin.clone() },
            Err(source) => ConfigError::AppName { origin: origin.clone(), source },
        };
        if self.refused_apps.insert(word.to_owned()) {
            self.errors.push(error);
        }
        false
    }

    /// The name as a file may have it: shells allow no `-` in variables, so `_` stands for it as well.
    fn as_in_file(&self, name: String) -> String {
        let Some(word) = app_settings::app_in(&name) else { return name };
        let meant = self.apps.iter().find(|app| app.as_str().replace('-', "_") == word);
        match meant {
            Some(app) if !self.apps.contains(word) => name.replacen(word, app.as_str(), 1),
            _ => name,
        }
    }

    fn add_file(&mut self, path: &Path, values: Vec<(String, Raw)>) {
        for (name, raw) in values {
            let origin = Origin::File { key: name.clone(), path: path.to_owned() };
            match app_settings::find(&name) {
                Some(_) => self.set(name, raw, origin),
                // An app may have nothing to say: in front of the sandbox it needs nothing.
                None if app_settings::is_app(&name) && raw.is_empty_table() => {
                    self.declare_app(&name, &origin);
                }
                None => self.errors.push(unknown(&name, origin)),
            }
        }
    }

    fn add_flag(&mut self, flag: Flag) {
        let origin = Origin::Flag(flag.flag);
        match app_settings::find(&flag.setting) {
            Some(Setting { secret: true, .. }) => {
                let variables = [format!("{}_file", flag.setting), flag.setting];
                let variables = variables.iter().map(|name| schema::variable(name)).collect();
                self.errors.push(ConfigError::SecretOnCommandLine { flag: origin, variables });
            }
            Some(_) => self.set(flag.setting, Raw::Text(flag.value), origin),
            None => self.errors.push(unknown(&flag.setting, origin)),
        }
    }
}

fn unknown(name: &str, origin: Origin) -> ConfigError {
    if app_settings::is_section(name) {
        return ConfigError::Section { origin };
    }
    ConfigError::Unknown { origin, suggestion: app_settings::suggest(name) }
}
