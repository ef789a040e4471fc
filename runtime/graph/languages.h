/* languages.h: which languages this build reads. */
#ifndef HUNCH_GRAPH_LANGUAGES_H
#define HUNCH_GRAPH_LANGUAGES_H

/* For people: "C", or why there is none. */
const char *hunch_graph_languages(void);

#endif
