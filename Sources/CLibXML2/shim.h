#include <libxml/parser.h>
#include <libxml/xmlmemory.h>
#include <libxml/xmlreader.h>

static void xml_say_nothing(void *context, const char *message, ...) {
    (void)context;
    (void)message;
}

/// Keeps the parser from writing to stderr what it finds wrong with an answer.
static inline void xml_be_silent(void) { xmlSetGenericErrorFunc(NULL, xml_say_nothing); }
