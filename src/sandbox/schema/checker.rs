//! Walks a body along a table: prunes what Feishu would drop, and collects everything that it would refuse.

use serde::Serialize;
use serde_json::{Map, Value};

use super::texts::{KeyUse, check_texts};
use super::{Field, Kind, Max, Need, Object, Rule};
use crate::sandbox::refusal::{FieldViolation, Refusal};
use crate::sandbox::switches::{Brand, Switches};

/// Longest part of a refused value that is quoted back.
const MAX_QUOTED: usize = 64;

/// What the schema layer says about a body.
pub(crate) struct CheckResult {
    /// The body with the documented fields only and without `null`, or why it is refused.
    pub(crate) outcome: Result<Value, Refusal>,
    /// What was dropped on the way.
    pub(crate) dropped: Dropped,
}

/// Paths of what a body held in vain.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Dropped {
    /// Fields that Feishu would drop silently (contract §0.4, trap 20).
    unknown_fields: Vec<String>,
    /// Fields that are `null`; that they count as absent is our choice.
    null_fields: Vec<String>,
}

impl Dropped {
    /// The first of them.
    pub(crate) fn first(&self) -> Option<&str> {
        self.unknown_fields.iter().chain(&self.null_fields).map(String::as_str).next()
    }
}

/// Checks a body against a table.
///
/// A wrong JSON type stops at once with 9499, because a body that cannot be decoded has no fields to validate;
/// everything else is collected into one 99992402. The switch `schema_errors_as_1390001` replaces both.
pub(crate) fn check(object: &Object, body: Value, switches: &Switches) -> CheckResult {
    let mut walk = Walk {
        brand: switches.region,
        path: String::new(),
        violations: Vec::new(),
        dropped: Dropped::default(),
        keys: Vec::new(),
    };
    let mut body = body;
    let decoded = walk.object(object, &mut body);
    let Walk { mut violations, dropped, keys, .. } = walk;
    if object.fields.iter().any(|field| field.name == "i18n_resources") {
        check_texts(body.get("i18n_resources"), &keys, &mut violations);
    }
    let outcome = match decoded {
        Err(WrongType(field)) => Err(Refusal::wrong_type(&field)),
        Ok(()) if !violations.is_empty() => Err(Refusal::fields(violations)),
        Ok(()) => Ok(body),
    };
    let outcome = if switches.schema_errors_as_1390001 {
        outcome.map_err(|refusal| Refusal::param(format!("param is invalid: {}", refusal.summary())))
    } else {
        outcome
    };
    CheckResult { outcome, dropped }
}

/// The field whose JSON type is wrong, as 9499 names it: the last name only (contract §1.5).
struct WrongType(String);

struct Walk {
    brand: Brand,
    path: String,
    violations: Vec<FieldViolation>,
    dropped: Dropped,
    keys: Vec<KeyUse>,
}

impl Walk {
    fn object(&mut self, object: &Object, value: &mut Value) -> Result<(), WrongType> {
        let Value::Object(map) = value else { return Err(self.wrong_type()) };
        self.prune(object.fields, map)?;
        for field in object.fields {
            let outer = self.enter(field.name);
            match map.get_mut(field.name) {
                Some(value) => self.value(&field.kind, value)?,
                None if self.is_required(field.need) => {
                    let description = format!("{} is required", self.path);
                    self.report("", description);
                }
                None => {}
            }
            self.path.truncate(outer);
        }
        for rule in object.rules {
            self.rule(rule, map);
        }
        Ok(())
    }

    /// Removes what Feishu ignores; a field that differs only in its casing is refused with 9499 (contract §11.1).
    fn prune(&mut self, fields: &[Field], map: &mut Map<String, Value>) -> Result<(), WrongType> {
        let nulls: Vec<String> =
            map.iter().filter(|(_, value)| value.is_null()).map(|(key, _)| key.clone()).collect();
        for key in nulls {
            map.remove(&key);
            let path = self.path_of(&key);
            self.dropped.null_fields.push(path);
        }
        let unknown: Vec<String> =
            map.keys().filter(|key| fields.iter().all(|field| field.name != key.as_str())).cloned().collect();
        for key in unknown {
            if fields.iter().any(|field| letters(field.name).eq(letters(&key))) {
                return Err(WrongType(key));
            }
            map.remove(&key);
            let path = self.path_of(&key);
            self.dropped.unknown_fields.push(path);
        }
        Ok(())
    }

    fn value(&mut self, kind: &Kind, value: &mut Value) -> Result<(), WrongType> {
        match kind {
            Kind::Object(object) => self.object(object, value),
            Kind::List { max, of } => self.list(max, of, value),
            Kind::Flag => value.as_bool().map(drop).ok_or_else(|| self.wrong_type()),
            Kind::Texts => match value.as_object() {
                Some(texts) if texts.values().all(Value::is_string) => Ok(()),
                Some(_) | None => Err(self.wrong_type()),
            },
            Kind::Int64 => self.int64(value),
            Kind::Text { max } => self.text(value).map(|text| self.length(&text, *max)),
            Kind::Id { max } => self.text(value).map(|text| {
                if text.is_empty() {
                    self.report("", format!("{} is required", self.path));
                }
                self.length(&text, *max);
            }),
            Kind::Key { min, max_text } => self.text(value).map(|key| {
                self.keys.push(KeyUse { path: self.path.clone(), key, min: *min, max_text: *max_text });
            }),
            Kind::Word(words) => self.text(value).map(|text| {
                if !words.contains(&text.as_str()) {
                    self.report(&text, format!("{} must be one of [{}]", self.path, words.join(", ")));
                }
            }),
        }
    }

    fn list(&mut self, max: &Max, of: &Kind, value: &mut Value) -> Result<(), WrongType> {
        let Value::Array(entries) = value else { return Err(self.wrong_type()) };
        let max = match (max, self.brand) {
            (Max::Unlimited, _) => usize::MAX,
            (Max::Entries(max), _)
            | (Max::ByBrand { feishu: max, .. }, Brand::Feishu)
            | (Max::ByBrand { lark: max, .. }, Brand::Lark) => *max,
        };
        if entries.len() > max {
            let description = format!("the max length of {} is {max}", self.path);
            self.report(&entries.len().to_string(), description);
        }
        let outer = self.path.len();
        for (index, entry) in entries.iter_mut().enumerate() {
            self.path.push_str(&format!("[{index}]"));
            self.value(of, entry)?;
            self.path.truncate(outer);
        }
        Ok(())
    }

    fn int64(&mut self, value: &Value) -> Result<(), WrongType> {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                return Err(self.wrong_type());
            }
        };
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || text.parse::<i64>().is_err() {
            self.report(&text, format!("{} must be an int64 in decimal digits", self.path));
        }
        Ok(())
    }

    fn rule(&mut self, rule: &Rule, map: &Map<String, Value>) {
        match rule {
            Rule::OneOf(names) if names.iter().all(|name| !is_present(map, name)) => {
                let outer = self.enter(names[0]);
                self.report("", format!("at least one of [{}] is required", names.join(", ")));
                self.path.truncate(outer);
            }
            Rule::When { field, is, needs } => {
                let word = map.get(*field).and_then(Value::as_str);
                if word.is_some_and(is) && !is_present(map, needs) {
                    let outer = self.enter(needs);
                    self.report("", format!("{} is required for this {field}", self.path));
                    self.path.truncate(outer);
                }
            }
            Rule::OneOf(_) => {}
        }
    }

    fn text(&self, value: &Value) -> Result<String, WrongType> {
        value.as_str().map(str::to_owned).ok_or_else(|| self.wrong_type())
    }

    fn length(&mut self, text: &str, max: usize) {
        if max > 0 && text.chars().count() > max {
            self.report(text, format!("the max length of {} is {max}", self.path));
        }
    }

    fn is_required(&self, need: Need) -> bool {
        match need {
            Need::Optional => false,
            Need::Required => true,
            Need::RequiredOnLark => self.brand == Brand::Lark,
        }
    }

    /// Goes down into a field; answers the length of the path to come back to.
    fn enter(&mut self, name: &str) -> usize {
        let outer = self.path.len();
        if outer > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        outer
    }

    /// The path of a field of the current object.
    fn path_of(&mut self, name: &str) -> String {
        let outer = self.enter(name);
        let path = self.path.clone();
        self.path.truncate(outer);
        path
    }

    fn report(&mut self, value: &str, description: String) {
        let value = value.chars().take(MAX_QUOTED).collect();
        self.violations.push(FieldViolation { field: self.path.clone(), value, description });
    }

    fn wrong_type(&self) -> WrongType {
        let last = self.path.rsplit('.').next().unwrap_or_default();
        WrongType(last.split('[').next().unwrap_or_default().to_owned())
    }
}

/// A name without what its spelling may vary in.
fn letters(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|char| *char != '_').map(|char| char.to_ascii_lowercase())
}

/// Present and not `""`, for the conditional rules.
fn is_present(map: &Map<String, Value>, name: &str) -> bool {
    map.get(name).is_some_and(|value| value.as_str() != Some(""))
}
