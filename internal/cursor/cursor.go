// Package cursor encodes and decodes cursors for keyset pagination.
//
// A cursor is the position of a page's last row, with a digest that ties it to one
// list. The digest is not secret: each query must itself restrict the rows.
package cursor

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf8"
)

// ErrInvalid means that Encode did not make the cursor for this list.
var ErrInvalid = errors.New("the cursor is not valid for this list")

// ErrLimit means that the page size is out of range.
var ErrLimit = errors.New("the limit must be from 1 to 100")

// MaxLimit is the largest page size.
const MaxLimit = 100

// Limit returns the page size, 20 by default, or ErrLimit.
func Limit(asked int) (int, error) {
	if asked == 0 {
		return 20, nil
	}
	if asked < 1 || asked > MaxLimit {
		return 0, ErrLimit
	}
	return asked, nil
}

// Position is the place of a row in a list. The row may have been deleted.
type Position struct {
	// Key is the value the list is sorted by before the id, at most MaxKey bytes.
	// It is empty if the list is sorted by id only. Clients can read it.
	Key string
	ID  int64
}

// MaxKey is the length of the longest Key, in bytes.
const MaxKey = 2048

const (
	idSize     = 8
	digestSize = 10
)

// Encode returns the cursor for a position. It needs no escaping in a URL. The list
// can be any text that identifies the list.
func Encode(list string, p Position) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(p.ID))
	b = append(b, p.Key...)
	of := sha256.Sum256([]byte(list))
	digest := sha256.Sum256(append(append([]byte("cursor 2\x00"), of[:]...), b...))
	return base64.RawURLEncoding.EncodeToString(append(b, digest[:digestSize]...))
}

// Decode returns the position of a cursor, or ErrInvalid. The key is valid Postgres text.
func Decode(list, text string) (Position, error) {
	if len(text) > base64.RawURLEncoding.EncodedLen(idSize+MaxKey+digestSize) {
		return Position{}, ErrInvalid
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) < idSize+digestSize {
		return Position{}, ErrInvalid
	}
	p := Position{ID: int64(binary.BigEndian.Uint64(b)), Key: string(b[idSize : len(b)-digestSize])}
	// A position has exactly one cursor, so other spellings are invalid.
	if Encode(list, p) != text || !utf8.ValidString(p.Key) || strings.ContainsRune(p.Key, 0) {
		return Position{}, ErrInvalid
	}
	return p, nil
}
