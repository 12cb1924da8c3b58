package postgres

import (
	"github.com/jackc/pgx/v5/pgtype"

	"relais/sms"
)

// uuids is a column of ids as a parameter; a zero id is NULL.
type uuids []sms.ID

// Dimensions implements pgtype.ArrayGetter.
func (u uuids) Dimensions() []pgtype.ArrayDimension {
	return []pgtype.ArrayDimension{{Length: int32(len(u)), LowerBound: 1}}
}

// Index implements pgtype.ArrayGetter.
func (u uuids) Index(i int) any { return idOrNull(u[i]) }

// IndexType implements pgtype.ArrayGetter.
func (u uuids) IndexType() any { return [16]byte{} }

// texts is a column of text as a parameter; an empty one is NULL.
type texts []string

// Dimensions implements pgtype.ArrayGetter.
func (s texts) Dimensions() []pgtype.ArrayDimension {
	return []pgtype.ArrayDimension{{Length: int32(len(s)), LowerBound: 1}}
}

// Index implements pgtype.ArrayGetter.
func (s texts) Index(i int) any { return textOrNull(s[i]) }

// IndexType implements pgtype.ArrayGetter.
func (s texts) IndexType() any { return "" }

// times is a column of times as a parameter, in microseconds; 0 is NULL.
type times []int64

// Dimensions implements pgtype.ArrayGetter.
func (t times) Dimensions() []pgtype.ArrayDimension {
	return []pgtype.ArrayDimension{{Length: int32(len(t)), LowerBound: 1}}
}

// Index implements pgtype.ArrayGetter.
func (t times) Index(i int) any {
	if t[i] == 0 {
		return nil
	}
	return t[i]
}

// IndexType implements pgtype.ArrayGetter.
func (t times) IndexType() any { return int64(0) }
