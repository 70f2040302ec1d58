// Package rlog writes a log with keys and values.
package rlog

import (
	"log/slog"
	"os"
)

var logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))

// Debug logs a message.
func Debug(msg string, keysAndValues ...any) { logger.Debug(msg, keysAndValues...) }

// Info logs a message.
func Info(msg string, keysAndValues ...any) { logger.Info(msg, keysAndValues...) }

// Warn logs a message.
func Warn(msg string, keysAndValues ...any) { logger.Warn(msg, keysAndValues...) }

// Error logs a message.
func Error(msg string, keysAndValues ...any) { logger.Error(msg, keysAndValues...) }
