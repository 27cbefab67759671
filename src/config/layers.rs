//! File, environment and flags laid over each other; the topmost value of each setting remains.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::origin::Origin;
use super::schema::{self, CONFIG_VARIABLE, OTLP_VARIABLE, Setting};
use super::sources::{Flag, Sources};
use super::value::Raw;
use super::{environment, file};

/// A value and the place that gave it.
pub(super) struct Given {
    pub(super) raw: Raw,
    pub(super) origin: Origin,
}

/// What remains of all places, by the setting's name.
#[derive(Default)]
pub(super) struct Layers {
    pub(super) given: BTreeMap<&'static str, Given>,
    pub(super) errors: Vec<ConfigError>,
}

/// Lays the places over each other: file, then environment, then flags.
pub(super) fn merge(sources: Sources) -> Layers {
    let environment = environment::read(sources.environment);
    let mut layers = Layers::default();

    if let Some(endpoint) = environment.standard_otlp_endpoint {
        // Meant for all programs of the machine, so everything that is meant for this one overrides it.
        let origin = Origin::Environment(OTLP_VARIABLE.to_owned());
        layers.set(&schema::OTLP_ENDPOINT, Raw::Text(endpoint), origin);
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
    for (setting, value, origin) in environment.values {
        layers.set(setting, Raw::Text(value), origin);
    }
    for flag in sources.flags {
        layers.add_flag(flag);
    }
    layers
}

impl Layers {
    fn set(&mut self, setting: &'static Setting, raw: Raw, origin: Origin) {
        self.given.insert(setting.name, Given { raw, origin });
    }

    fn add_file(&mut self, path: &Path, values: Vec<(String, Raw)>) {
        for (name, raw) in values {
            let setting = schema::find(&name);
            let origin = Origin::File { key: name.clone(), path: path.to_owned() };
            match setting {
                Some(setting) => self.set(setting, raw, origin),
                None => self.errors.push(unknown(&name, origin)),
            }
        }
    }

    fn add_flag(&mut self, flag: Flag) {
        let origin = Origin::Flag(flag.flag);
        match schema::find(&flag.setting) {
            Some(setting) if setting.secret => {
                self.errors.push(ConfigError::SecretOnCommandLine { flag: origin });
            }
            Some(setting) => self.set(setting, Raw::Text(flag.value), origin),
            None => self.errors.push(unknown(&flag.setting, origin)),
        }
    }
}

fn unknown(name: &str, origin: Origin) -> ConfigError {
    if schema::is_section(name) {
        return ConfigError::Section { origin };
    }
    let suggestion = schema::nearest(name).map(|setting| setting.name.to_owned());
    ConfigError::Unknown { origin, suggestion }
}
