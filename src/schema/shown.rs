//! Objects that are written: serialised without what is absent, and described.

use serde::Serialize;

/// Whether a value is absent from the JSON.
pub trait MaybeAbsent {
    /// Absent members are left out: answers hold no `null` (design §2).
    fn is_absent(&self) -> bool {
        false
    }
}

impl<T: Serialize> MaybeAbsent for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

/// Types that are always there.
macro_rules! always {
    ($($kind:ty),+) => { $(impl MaybeAbsent for $kind {})+ };
}

always!(String, &'static str, bool, u16, u32, i64, crate::domain::Timestamp);

impl<T> MaybeAbsent for Vec<T> {}

impl<T> MaybeAbsent for std::collections::BTreeMap<String, T> {}

/// Declares an object that is written: its members, what each means, and what else is known of them.
///
/// `flatten { … }` takes the members of other such objects over.
macro_rules! shown {
    ($(
        $(#[doc = $doc:literal])+
        $vis:vis struct $name:ident $(as $public:ident)? {
            $(flatten { $($(#[doc = $inner_doc:literal])+ $inner:ident: $inner_kind:ty,)+ })?
            $($(#[doc = $member_doc:literal])+ $member:ident: $kind:ty $({ $($constraint:ident: $value:expr),+ $(,)? })?,)*
        }
    )+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, serde::Serialize)]
        $vis struct $name {
            $($(
                $(#[doc = $inner_doc])+
                #[serde(flatten)]
                $inner: $inner_kind,
            )+)?
            $(
                $(#[doc = $member_doc])+
                #[serde(skip_serializing_if = "crate::schema::MaybeAbsent::is_absent")]
                $member: $kind,
            )*
        }

        impl crate::schema::MaybeAbsent for $name {}

        impl crate::schema::Named for $name {
            const NAME: &'static str = crate::schema::shown_name!($name $($public)?);

            fn add_to(schemas: &mut crate::schema::Schemas) {
                // A place-holder, so that a type that refers to itself ends.
                schemas.insert(Self::NAME.to_owned(), serde_json::Value::Null);
                #[allow(unused_mut, reason = "an object may only flatten others")]
                let mut object = crate::schema::ObjectShape::default();
                $(
                    #[allow(clippy::needless_update, reason = "some members state every fact")]
                    let constraints = crate::schema::Constraints { $($($constraint: $value,)+)? ..crate::schema::Constraints::NONE };
                    object.member::<$kind>(stringify!($member), concat!($($member_doc, "\n"),+), &constraints, schemas);
                )*
                $($(
                    let mut inner = crate::schema::Schemas::new();
                    <$inner_kind as crate::schema::Named>::add_to(&mut inner);
                    if let Some(schema) = inner.remove(<$inner_kind as crate::schema::Named>::NAME) {
                        object.flatten(&schema);
                    }
                    schemas.extend(inner);
                )+)?
                schemas.insert(Self::NAME.to_owned(), object.finish(concat!($($doc, "\n"),+), false));
            }
        }

        impl crate::schema::Shape for $name {
            fn shape(_: &crate::schema::Constraints, schemas: &mut crate::schema::Schemas) -> serde_json::Value {
                crate::schema::reference::<Self>(schemas)
            }
        }
    )+};
}
pub(crate) use shown;

/// The name in the OpenAPI file: the one given, else the type's own.
macro_rules! shown_name {
    ($name:ident) => {
        stringify!($name)
    };
    ($name:ident $public:ident) => {
        stringify!($public)
    };
}
pub(crate) use shown_name;
