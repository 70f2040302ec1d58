// Package cursor makes and reads the cursors of keyset-paged lists.
//
// A cursor is the id after which the next page begins, with a digest that binds
// it to its list and to this format. The digest keeps a cursor from being used
// on another list by mistake. It is no secret and guards nothing: which rows a
// caller may read, each query decides by itself, and a forged cursor only tells
// it where in the caller's own list to begin.
package cursor

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
)

// ErrInvalid is returned for a text that Encode did not make for the list.
var ErrInvalid = errors.New("the cursor is not one of this list")

// A cursor is an id and the first bytes of its digest. Together they fill whole
// groups of base64 characters.
const (
	idSize     = 8
	digestSize = 10
	size       = idSize + digestSize
)

// Encode returns the cursor of the id in the list: 24 characters that need no
// escaping in a URL. The list may be named by any text.
func Encode(list string, id int64) string {
	b := make([]byte, 0, size)
	b = binary.BigEndian.AppendUint64(b, uint64(id))
	digest := sha256.Sum256(append([]byte("cursor 1\x00"+list+"\x00"), b...))
	return base64.RawURLEncoding.EncodeToString(append(b, digest[:digestSize]...))
}

// Decode returns the id of the cursor, or ErrInvalid.
func Decode(list, text string) (int64, error) {
	if len(text) != base64.RawURLEncoding.EncodedLen(size) {
		return 0, ErrInvalid
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) != size {
		return 0, ErrInvalid
	}
	id := int64(binary.BigEndian.Uint64(b))
	// There is one cursor for each id: whatever else decodes to it is none.
	if Encode(list, id) != text {
		return 0, ErrInvalid
	}
	return id, nil
}
