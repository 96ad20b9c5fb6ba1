package whatsapp

// plainReader reads the plainest JSON from its beginning. Once it met something else it is stuck, and done says so.
type plainReader struct {
	rest  []byte
	stuck bool
}

// object reads an object with at least one member. member reads the value of one, and refuses a name that it does not know.
func (s *plainReader) object(member func(name []byte) bool) {
	s.must('{')
	for !s.stuck {
		name := s.plain()
		s.must(':')
		if s.stuck = s.stuck || !member(name); !s.next(',') {
			break
		}
	}
	s.must('}')
}

// single reads a list of one object.
func (s *plainReader) single(member func(name []byte) bool) bool {
	s.must('[')
	s.object(member)
	s.must(']')
	return !s.stuck
}

// text reads a text into a string that is empty yet.
func (s *plainReader) text(into *string) bool {
	if text := s.plain(); *into == "" {
		*into = string(text)
		return !s.stuck
	}
	return false
}

// passed reads a text that nobody needs.
func (s *plainReader) passed() bool { return s.plain() != nil }

// plain reads a text of at least one character, all of them ASCII that needs no escape.
func (s *plainReader) plain() []byte {
	s.must('"')
	for n, b := range s.rest {
		if b == '"' && n > 0 && !s.stuck {
			text := s.rest[:n]
			s.rest = s.rest[n+1:]
			return text
		}
		if b < ' ' || b > '~' || b == '\\' || b == '"' {
			break
		}
	}
	s.stuck = true
	return nil
}

// done says whether nothing but white space is left.
func (s *plainReader) done() bool {
	s.skip()
	return !s.stuck && len(s.rest) == 0
}

func (s *plainReader) must(b byte) { s.stuck = !s.next(b) || s.stuck }

// next reads a character if it is the next one, white space aside.
func (s *plainReader) next(b byte) bool {
	s.skip()
	if len(s.rest) == 0 || s.rest[0] != b {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

func (s *plainReader) skip() {
	for len(s.rest) > 0 && (s.rest[0] == ' ' || s.rest[0] == '\n' || s.rest[0] == '\r' || s.rest[0] == '\t') {
		s.rest = s.rest[1:]
	}
}
