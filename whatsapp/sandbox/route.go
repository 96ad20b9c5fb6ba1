package sandbox

import "net/http"

type handler = func(*call) (answer, *graphError)

// route names the operation of a path and finds who does it; what is not here is Graph's 400/100/33.
func (s *Server) route(c *call) (handler, *graphError) {
	var do handler
	switch {
	case len(c.parts) == 2 && c.parts[0] == "whatsapp_business" && c.parts[1] == "attachments":
		do = s.pick(c, "download", map[string]handler{http.MethodGet: s.download})
	case len(c.parts) == 0 || len(c.parts) > 2:
		c.info.operation = "unknown"
	case s.numberOf(c.parts[0]) != nil:
		c.number = s.numberOf(c.parts[0])
		do = s.numberRoute(c)
	case c.parts[0] == s.options.WABAID:
		do = s.accountRoute(c)
	default:
		do = s.objectRoute(c)
	}
	if do == nil {
		id := ""
		if len(c.parts) > 0 {
			id = c.parts[0]
		}
		return nil, unsupported(c.method, id)
	}
	return do, nil
}

func (s *Server) pick(c *call, operation string, methods map[string]handler) handler {
	c.info.operation = operation
	return methods[c.method]
}

func (s *Server) numberRoute(c *call) handler {
	if len(c.parts) == 1 {
		return s.pick(c, "phone_number", map[string]handler{http.MethodGet: s.getNumber, http.MethodPost: s.setNumber})
	}
	switch c.parts[1] {
	case "messages":
		return s.pick(c, "messages", map[string]handler{http.MethodPost: s.postMessage})
	case "marketing_messages":
		c.marketing = true
		return s.pick(c, "messages", map[string]handler{http.MethodPost: s.postMessage})
	case "media":
		return s.pick(c, "media", map[string]handler{http.MethodPost: s.upload})
	case "message_history":
		return s.pick(c, "history", map[string]handler{http.MethodGet: s.history})
	default:
		c.info.operation = "unknown"
		return nil
	}
}

func (s *Server) accountRoute(c *call) handler {
	if len(c.parts) == 1 {
		return s.pick(c, "waba", map[string]handler{http.MethodGet: s.getAccount, http.MethodPost: s.setAccount})
	}
	switch c.parts[1] {
	case "message_templates":
		return s.pick(c, "templates", map[string]handler{
			http.MethodGet: s.listTemplates, http.MethodPost: s.createTemplate, http.MethodDelete: s.deleteTemplates,
		})
	case "phone_numbers":
		return s.pick(c, "phone_numbers", map[string]handler{http.MethodGet: s.listNumbers})
	case "subscribed_apps":
		return s.pick(c, "subscribed_apps", map[string]handler{
			http.MethodGet: s.listApps, http.MethodPost: s.subscribe, http.MethodDelete: s.unsubscribe,
		})
	default:
		c.info.operation = "unknown"
		return nil
	}
}

// objectRoute serves ids that the sandbox gave out: files, templates and entries of the message history.
func (s *Server) objectRoute(c *call) handler {
	id := c.parts[0]
	s.mu.Lock()
	file, template, history := s.files.byID[id] != nil, s.templatesByID[id] != nil, s.accepted.byHistoryID(id) != nil
	s.mu.Unlock()
	switch {
	case len(c.parts) == 2 && c.parts[1] == "events":
		if !history {
			c.info.operation = "events"
			return nil
		}
		return s.pick(c, "events", map[string]handler{http.MethodGet: s.events})
	case len(c.parts) == 2:
		c.info.operation = "unknown"
		return nil
	case file:
		return s.pick(c, "media_id", map[string]handler{http.MethodGet: s.getMedia, http.MethodDelete: s.deleteMedia})
	case template:
		return s.pick(c, "template", map[string]handler{http.MethodGet: s.getTemplate, http.MethodPost: s.editTemplate})
	default:
		c.info.operation = "unknown"
		return nil
	}
}
