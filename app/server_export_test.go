package app

import "net/http"

// Handler is the server as tests ask it, without a socket.
func (s *Server) Handler() http.Handler { return s.echo }
