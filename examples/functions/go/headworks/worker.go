// Package headworks serves functions of one's own to Headworks' SQL. See docs/user_functions.md.
package headworks

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
)

const protocol = 1

// Value is an argument or an answer: nil, bool, json.Number, string, []any or map[string]any. Times
// are map[string]any{"$time": RFC 3339}, bytes map[string]any{"$bytes": base64}.
type Value = any

// Function is one function of the SQL. Code may be called by several goroutines at once.
type Function struct {
	Name      string                       `json:"name"`
	Signature string                       `json:"signature"`
	Help      string                       `json:"help"`
	Least     int                          `json:"least"`
	Most      int                          `json:"most"`
	Nulls     bool                         `json:"nulls"` // asked also where an argument is null
	Pure      bool                         `json:"pure"`  // same arguments, same answer
	Code      func([]Value) (Value, error) `json:"-"`
}

// Number is an argument as a float64.
func Number(value Value) (float64, error) {
	if number, ok := value.(json.Number); ok {
		return number.Float64()
	}
	return 0, fmt.Errorf("%v is no number", value)
}

type call struct {
	ID        uint64  `json:"id"`
	Function  string  `json:"function"`
	Arguments []Value `json:"arguments"`
}

type result struct {
	ID    uint64          `json:"id"`
	Value json.RawMessage `json:"value,omitempty"`
	Error string          `json:"error,omitempty"`
}

type worker struct {
	functions map[string]Function
	mutex     sync.Mutex
	out       io.Writer
}

// Run serves the functions until the server ends. The program must not write to os.Stdout;
// os.Stderr goes to the server's log.
func Run(name string, functions []Function) error {
	w := &worker{functions: map[string]Function{}, out: os.Stdout}
	for _, function := range functions {
		w.functions[function.Name] = function
	}
	in := bufio.NewReader(os.Stdin)
	for {
		frame, err := read(in)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if frame.Type == "hello" {
			w.send(map[string]any{"type": "hello", "protocol": protocol, "name": name,
				"functions": functions})
		}
		for _, c := range frame.Calls {
			go w.answer(c)
		}
	}
}

type frame struct {
	Type  string `json:"type"`
	Calls []call `json:"calls"`
}

func read(in io.Reader) (frame, error) {
	var f frame
	var size uint32
	if err := binary.Read(in, binary.BigEndian, &size); err != nil {
		return f, err
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(in, data); err != nil {
		return f, err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return f, decoder.Decode(&f)
}

func (w *worker) answer(c call) {
	r := result{ID: c.ID}
	defer func() {
		if panicked := recover(); panicked != nil {
			r = result{ID: c.ID, Error: fmt.Sprint(panicked)}
		}
		w.send(map[string]any{"type": "result", "results": []result{r}})
	}()
	function, known := w.functions[c.Function]
	if !known {
		r.Error = "there is no such function"
		return
	}
	value, err := function.Code(c.Arguments)
	if err == nil {
		r.Value, err = json.Marshal(value)
	}
	if err != nil {
		r = result{ID: c.ID, Error: err.Error()}
	}
}

func (w *worker) send(frame any) {
	data, err := json.Marshal(frame)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	binary.Write(w.out, binary.BigEndian, uint32(len(data)))
	w.out.Write(data)
}
