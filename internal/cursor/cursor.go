// Package cursor makes and reads the cursors of keyset-paged lists, and bounds the
// size of their pages.
//
// A cursor is the position after which the next page begins, with a digest that
// binds it to its list and to this format. The digest keeps a cursor from being
// used on another list by mistake. It is no secret and guards nothing: which rows
// a caller may read, each query decides by itself, and a forged cursor only tells
// it where in the caller's own list to begin.
package cursor

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf8"
)

// ErrInvalid is returned for a text that Encode did not make for the list.
var ErrInvalid = errors.New("the cursor is not one of this list")

// ErrLimit is returned for a size that no page can have.
var ErrLimit = errors.New("the limit is not from 1 to 100")

// MaxLimit is the largest size of a page.
const MaxLimit = 100

// Limit returns the size of the page that a caller asks for, where 0 stands for 20.
// It returns ErrLimit if that is not from 1 to MaxLimit.
func Limit(asked int) (int, error) {
	if asked == 0 {
		return 20, nil
	}
	if asked < 1 || asked > MaxLimit {
		return 0, ErrLimit
	}
	return asked, nil
}

// Position is a place in a list: that of a row, which may be gone by now.
type Position struct {
	// Key is what the list is ordered by before the id. It is empty in a list
	// that is ordered by the id alone, and has MaxKey bytes at most. Whoever has
	// the cursor can read it.
	Key string
	// ID is the row's id.
	ID int64
}

// MaxKey is the length of the longest key, in bytes.
const MaxKey = 2048

// A cursor is the id, the key and the first bytes of the digest of both.
const (
	idSize     = 8
	digestSize = 10
)

// Encode returns the cursor of the position in the list. It needs no escaping in
// a URL, and has 24 characters if there is no key. The list may be named by any
// text.
func Encode(list string, p Position) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(p.ID))
	b = append(b, p.Key...)
	of := sha256.Sum256([]byte(list))
	digest := sha256.Sum256(append(append([]byte("cursor 2\x00"), of[:]...), b...))
	return base64.RawURLEncoding.EncodeToString(append(b, digest[:digestSize]...))
}

// Decode returns the position of the cursor, whose key is a text that Postgres
// takes, or ErrInvalid.
func Decode(list, text string) (Position, error) {
	if len(text) > base64.RawURLEncoding.EncodedLen(idSize+MaxKey+digestSize) {
		return Position{}, ErrInvalid
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) < idSize+digestSize {
		return Position{}, ErrInvalid
	}
	p := Position{ID: int64(binary.BigEndian.Uint64(b)), Key: string(b[idSize : len(b)-digestSize])}
	// A position has exactly one cursor. Other texts that decode to it are invalid.
	if Encode(list, p) != text || !utf8.ValidString(p.Key) || strings.ContainsRune(p.Key, 0) {
		return Position{}, ErrInvalid
	}
	return p, nil
}
