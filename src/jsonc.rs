//! Which JSON is read: that of `JSON.parse`, or with comments.

use jsonc_parser::ParseOptions;

/// What `JSON.parse` accepts, and with `comments` also comments and trailing commas, as editors and TypeScript do.
pub(crate) fn options(comments: bool) -> ParseOptions {
    ParseOptions {
        allow_comments: comments,
        allow_trailing_commas: comments,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}
