/**
 * The web page and the server behind it. A request becomes a {@link
 * io.github.controlnet.web.GenerationJob} in the {@link io.github.controlnet.web.JobQueue}, which
 * one thread works off; pages follow it by server-sent events, clients of the web UI wait for it.
 */
@NullMarked
package io.github.controlnet.web;

import org.jspecify.annotations.NullMarked;
