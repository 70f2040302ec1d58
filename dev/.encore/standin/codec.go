package standin

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"unicode"

	jsoniter "github.com/json-iterator/go"
	"github.com/julienschmidt/httprouter"

	"encore.dev/beta/errs"
)

// A decoder reads the arguments of an endpoint from a request.
type decoder func(*http.Request, httprouter.Params) ([]reflect.Value, error)

// newDecoder returns the decoder for parameters of the types: first those of
// the path, then at most one struct for the rest.
func newDecoder(types []reflect.Type) decoder {
	return func(req *http.Request, params httprouter.Params) ([]reflect.Value, error) {
		args := make([]reflect.Value, len(types))
		for i, t := range types {
			if i < len(params) {
				args[i] = reflect.New(t).Elem()
				value := params[i].Value
				if t.Kind() == reflect.String {
					value = unescape(value)
				}
				if err := parse(args[i], value); err != nil {
					return nil, invalidParameter(params[i].Key, err)
				}
				continue
			}
			args[i] = reflect.New(t.Elem())
			if err := decodeStruct(req, args[i].Elem()); err != nil {
				return nil, err
			}
		}
		return args, nil
	}
}

// unescape returns the value of a path parameter from its part of the path. A
// parameter for the rest of the path comes with a slash before it.
func unescape(part string) string {
	part = strings.TrimPrefix(part, "/")
	if text, err := url.PathUnescape(part); err == nil {
		return text
	}
	return part
}

func invalidParameter(name string, err error) error {
	return fmt.Errorf("%s: invalid parameter: %w", name, err)
}

// decodeStruct fills the fields of dst: those tagged so from headers and query,
// the others from the body, or from the query if the method has no body.
func decodeStruct(req *http.Request, dst reflect.Value) error {
	hasBody := req.Method != http.MethodGet && req.Method != http.MethodHead && req.Method != http.MethodDelete
	body := map[string]bodyField{}
	for i := range dst.NumField() {
		tag, field := dst.Type().Field(i), dst.Field(i)
		var values []string
		var name string
		if header, ok := tag.Tag.Lookup("header"); ok {
			name, values = strings.ToLower(header), req.Header.Values(header)
		} else if query, ok := tag.Tag.Lookup("query"); ok {
			name, values = query, req.URL.Query()[query]
		} else if hasBody {
			body[strings.ToLower(jsonName(tag))] = bodyField{tag.Name, field}
			continue
		} else {
			name = snakeCase(tag.Name)
			values = req.URL.Query()[name]
		}
		if err := parseAll(field, values); err != nil {
			return invalidParameter(name, err)
		}
	}
	if len(body) == 0 {
		return nil
	}
	return decodeBody(req.Body, body)
}

// bodyField is a field whose value is in the body.
type bodyField struct {
	name  string
	value reflect.Value
}

// decodeBody reads a JSON object into the fields, by their names in lower case.
// Like Encore it takes a body that is no object for one without fields.
func decodeBody(body io.Reader, fields map[string]bodyField) error {
	data, err := io.ReadAll(body)
	if err != nil {
		return fmt.Errorf("request_body: could not parse request body: %w", err)
	}
	if len(data) == 0 {
		return errors.New("request_body: missing request body: missing request body")
	}
	iter := jsoniter.ParseBytes(json, data)
	for iter.ReadObjectCB(func(iter *jsoniter.Iterator, key string) bool {
		field, ok := fields[strings.ToLower(key)]
		if !ok {
			iter.Skip()
			return true
		}
		iter.ReadVal(field.value.Addr().Interface())
		if iter.Error != nil {
			err = fmt.Errorf("%s: invalid json parameter: %w", field.name, iter.Error)
		}
		return err == nil
	}) {
	}
	return err
}

// parseAll sets dst from the values of a header or query parameter.
func parseAll(dst reflect.Value, values []string) error {
	if len(values) == 0 || (dst.Kind() != reflect.Slice && values[0] == "") {
		return nil
	}
	if dst.Kind() != reflect.Slice {
		return parse(dst, values[0])
	}
	list := reflect.MakeSlice(dst.Type(), len(values), len(values))
	for i, value := range values {
		if err := parse(list.Index(i), value); err != nil {
			return err
		}
	}
	dst.Set(list)
	return nil
}

// parse sets dst, of a basic kind, from its text.
func parse(dst reflect.Value, text string) error {
	switch dst.Kind() {
	case reflect.String:
		dst.SetString(text)
	case reflect.Bool:
		v, err := strconv.ParseBool(text)
		if err != nil {
			return err
		}
		dst.SetBool(v)
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Int16, reflect.Int8:
		v, err := strconv.ParseInt(text, 10, dst.Type().Bits())
		if err != nil {
			return err
		}
		dst.SetInt(v)
	default:
		return fmt.Errorf("the stand-in can't read a %s", dst.Type())
	}
	return nil
}

// validate calls the Validate method of the request's struct, if it has one.
func validate(args []reflect.Value) error {
	if len(args) == 0 {
		return nil
	}
	v, ok := args[len(args)-1].Interface().(interface{ Validate() error })
	if !ok {
		return nil
	}
	err := v.Validate()
	if _, ok := err.(*errs.Error); ok {
		return err
	}
	return errs.WrapCode(err, errs.InvalidArgument, "validation failed")
}

// encode returns the JSON of an endpoint's response and the status. Fields that
// are tagged as headers it sets, and one tagged as the status takes the place
// of the given one unless it is 0; neither is in the JSON.
func encode(header http.Header, response reflect.Value, status int) ([]byte, int, error) {
	if response.Kind() != reflect.Pointer || response.IsNil() {
		data, err := json.Marshal(response.Interface())
		return data, status, err
	}
	var types []reflect.StructField
	var values []reflect.Value
	for i := range response.Elem().NumField() {
		field, value := response.Elem().Type().Field(i), response.Elem().Field(i)
		if name, ok := field.Tag.Lookup("header"); ok {
			header.Set(name, fmt.Sprint(value.Interface()))
		} else if field.Tag.Get("encore") == "httpstatus" {
			status = cmp.Or(int(value.Int()), status)
		} else {
			types, values = append(types, field), append(values, value)
		}
	}
	body := reflect.New(reflect.StructOf(types)).Elem()
	for i, value := range values {
		body.Field(i).Set(value)
	}
	data, err := json.Marshal(body.Interface())
	return data, status, err
}

func jsonName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	if name == "" {
		return field.Name
	}
	return name
}

// snakeCase returns the query name of a field without a tag.
func snakeCase(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
