//! Objects with a schema: every member is read, unknown and repeated names are reported.

use crate::document::json::{Json, NotJson};
use crate::document::report::Report;
use crate::support::suggestion::did_you_mean;

/// The members of one object of the schema, read one by one.
pub(in crate::document) trait Members<'de>: Default {
    /// Every member's name, in the order of the design.
    const NAMES: &'static [&'static str];

    /// Where a name stands in [`Self::NAMES`].
    fn position(name: &str) -> Option<usize>;

    /// Reads the value of the member at this position of [`Self::NAMES`].
    fn read_member(
        &mut self,
        position: usize,
        json: &mut Json<'de>,
        report: &mut Report,
    ) -> Result<(), NotJson>;
}

/// Reads all members of an object whose brace was read, into an object that has none yet.
pub(super) fn read_members<'de, T: Members<'de>>(
    members: &mut T,
    json: &mut Json<'de>,
    report: &mut Report,
) -> Result<(), NotJson> {
    let mut seen = 0_u64;
    json.each_member(|json, name| {
        let Some(position) = T::position(&name) else {
            // A hint costs a comparison with every name; nobody would see it in a list that is full.
            let hint = if report.is_full() { None } else { did_you_mean(&name, T::NAMES.iter().copied()) };
            report.within_key(&name, |report| {
                report.violate_with_hint("unknown_field", "is not a field of this object", hint);
            });
            return json.skip();
        };
        report.within_name(T::NAMES[position], |report| {
            // No object of the schema has more than 64 members; `members!` checks it at compile time.
            if seen & (1 << position) != 0 {
                report.violate("duplicate_field", "occurs twice in its object");
                return json.skip();
            }
            seen |= 1 << position;
            members.read_member(position, json, report)
        })
    })
}

/// The name of a member as it is in JSON: of Rust's own words only the raw spelling can name a field.
macro_rules! member_name {
    (r#type) => {
        "type"
    };
    ($member:ident) => {
        stringify!($member)
    };
}
pub(in crate::document) use member_name;

/// Declares an object that is read: its name in the OpenAPI file, its members, how each is read, what each means, and
/// what else is known of them.
macro_rules! members {
    (
        $(#[doc = $doc:literal])+
        struct $name:ident $(<$life:lifetime>)? as $public:ident {
            $($(#[doc = $member_doc:literal])+ $member:ident: $kind:ty $({ $($constraint:ident: $value:expr),+ $(,)? })?,)+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Default)]
        pub(in crate::document) struct $name $(<$life>)? {
            $($(#[doc = $member_doc])+ pub(in crate::document) $member: $kind,)+
        }

        const _: () = {
            #[expect(non_camel_case_types, reason = "the members' own names, counted")]
            enum Position { $($member),+ }

            impl<'de $(: $life, $life)?> $crate::document::read::Members<'de> for $name $(<$life>)? {
                const NAMES: &'static [&'static str] = {
                    const NAMES: &[&str] = &[$($crate::document::read::member_name!($member)),+];
                    assert!(NAMES.len() <= 64);
                    NAMES
                };

                #[inline]
                fn position(name: &str) -> Option<usize> {
                    Some(match name {
                        $($crate::document::read::member_name!($member) => Position::$member as usize,)+
                        _ => return None,
                    })
                }

                fn read_member(
                    &mut self,
                    position: usize,
                    json: &mut $crate::document::json::Json<'de>,
                    report: &mut $crate::document::report::Report,
                ) -> Result<(), $crate::document::json::NotJson> {
                    $(if position == Position::$member as usize {
                        self.$member = $crate::document::read::Read::read(json, report)?;
                        return Ok(());
                    })+
                    Ok(())
                }
            }
        };

        impl $(<$life>)? $crate::schema::Shape for $name $(<$life>)? {
            fn shape(_: &$crate::schema::Constraints, schemas: &mut $crate::schema::Schemas) -> serde_json::Value {
                $crate::schema::reference::<Self>(schemas)
            }
        }

        impl $(<$life>)? $crate::schema::Named for $name $(<$life>)? {
            const NAME: &'static str = stringify!($public);

            fn add_to(schemas: &mut $crate::schema::Schemas) {
                // A place-holder, so that a type that refers to itself ends.
                schemas.insert(Self::NAME.to_owned(), serde_json::Value::Null);
                let mut object = $crate::schema::ObjectShape::default();
                $(
                    let constraints = $crate::schema::Constraints { $($($constraint: $value,)+)? ..$crate::schema::Constraints::NONE };
                    object.member::<$kind>(stringify!($member), concat!($($member_doc, "\n"),+), &constraints, schemas);
                )+
                schemas.insert(Self::NAME.to_owned(), object.finish(concat!($($doc, "\n"),+), true));
            }
        }
    };
}
pub(in crate::document) use members;
