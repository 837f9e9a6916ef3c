/**
 * Fetches models from the Hugging Face hub, or from a mirror that speaks its protocol, into the
 * cache that Python's {@code huggingface_hub} uses: what Python fetched is used as it is, and
 * Python finds what is fetched here. {@link HuggingFaceHub} is the entrance.
 *
 * <p>The layout, below the folder that {@link HubOptions#cache()} names:
 *
 * <pre>
 * models--org--name/refs/main                       the commit that main was last seen at
 * models--org--name/blobs/ETAG                      contents, by SHA-256 or git's blob SHA-1
 * models--org--name/snapshots/COMMIT/unet/config.json   a relative link to its blob
 * .locks/models--org--name/ETAG.lock                held while the blob is being written
 * </pre>
 *
 * <p>Sources: the cache is described at
 * https://huggingface.co/docs/huggingface_hub/guides/manage-cache, the variables at
 * https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables.
 */
@NullMarked
package io.github.controlnet.core.hub;

import org.jspecify.annotations.NullMarked;
