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

	jsoniter "github.com/json-iterator/go"
	"github.com/julienschmidt/httprouter"

	"encore.dev/beta/errs"
)

// decode reads the arguments of an endpoint: first those in the path, then a
// struct with the others. The first argument is left free for the context.
func decode(types []reflect.Type, req *http.Request, params httprouter.Params) ([]reflect.Value, error) {
	args := make([]reflect.Value, 1+len(types))
	for i, t := range types {
		if i >= len(params) {
			args[1+i] = reflect.New(t.Elem())
			return args, decodeStruct(req, args[1+i].Elem())
		}
		args[1+i] = reflect.New(t).Elem()
		value := params[i].Value
		if t.Kind() == reflect.String {
			value = unescape(value)
		}
		if err := parse(args[1+i], value); err != nil {
			return nil, invalidParameter(params[i].Key, err)
		}
	}
	return args, nil
}

// unescape decodes a path parameter. The one for the rest of a path starts with a slash.
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

// decodeStruct sets the fields of dst from headers, the query and the body.
func decodeStruct(req *http.Request, dst reflect.Value) error {
	hasBody := req.Method != http.MethodGet && req.Method != http.MethodHead && req.Method != http.MethodDelete
	query := req.URL.Query()
	body := map[string]bodyField{}
	for i := range dst.NumField() {
		tag, field := dst.Type().Field(i), dst.Field(i)
		var name, text string
		if header, ok := tag.Tag.Lookup("header"); ok {
			name, text = strings.ToLower(header), req.Header.Get(header)
		} else if key, ok := tag.Tag.Lookup("query"); ok {
			name, text = key, query.Get(key)
		} else if hasBody {
			body[strings.ToLower(jsonName(tag))] = bodyField{tag.Name, field}
		} else {
			return fmt.Errorf("the stand-in doesn't support %s in the query without a tag", tag.Name)
		}
		if text == "" {
			continue
		}
		if err := parse(field, text); err != nil {
			return invalidParameter(name, err)
		}
	}
	if len(body) == 0 {
		return nil
	}
	return decodeBody(req.Body, body)
}

// bodyField is a field of the body.
type bodyField struct {
	name  string
	value reflect.Value
}

// decodeBody sets the fields, which are listed by their names in lower case, from
// a JSON object. Like Encore it ignores any other body.
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

// parse sets dst to the value of the text.
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
		return fmt.Errorf("the stand-in doesn't support the type %s", dst.Type())
	}
	return nil
}

// validate calls the Validate method of the last argument, if it has one.
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

// checkResult panics if a part of the result isn't for the body.
func checkResult(result reflect.Type) {
	for _, field := range reflect.VisibleFields(result.Elem()) {
		if _, isHeader := field.Tag.Lookup("header"); isHeader || field.Tag.Get("encore") == "httpstatus" {
			panic(fmt.Sprintf("the stand-in doesn't support headers and status in results: %s.%s", result, field.Name))
		}
	}
}

func jsonName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return cmp.Or(name, field.Name)
}
