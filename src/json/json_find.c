/* json_find.c: members by key, and values by RFC 6901 pointer. */
#include "json/json.h"

#include <string.h>

const struct json_value *json_member(const struct json_value *object, const char *key)
{
	size_t length = strlen(key);
	if (object->type != JSON_OBJECT)
		return NULL;
	for (size_t i = 0; i < object->count; i++) {
		const struct json_member *member = &object->members[i];
		if (member->key_length == length && memcmp(member->key, key, length) == 0)
			return &member->value;
	}
	return NULL;
}

/* Compares a key with a pointer's token, in which ~1 is a slash and ~0 a tilde. */
static bool token_is(const char *token, const char *end, const struct json_member *member)
{
	const char *key = member->key, *key_end = key + member->key_length;
	for (; token < end && key < key_end; token++, key++) {
		char byte = *token;
		if (byte == '~') {
			if (++token == end || (*token != '0' && *token != '1'))
				return false;
			byte = *token == '0' ? '~' : '/';
		}
		if (byte != *key)
			return false;
	}
	return token == end && key == key_end;
}

static const struct json_value *find_item(const struct json_value *array, const char *token, const char *end)
{
	size_t index = 0;
	if (token == end || (*token == '0' && end - token > 1))
		return NULL;
	for (; token < end; token++) {
		if (*token < '0' || *token > '9')
			return NULL;
		index = index * 10 + (size_t)(*token - '0');
		if (index >= array->count)
			return NULL;
	}
	return &array->items[index];
}

static const struct json_value *find_token(const struct json_value *value, const char *token, const char *end)
{
	if (value->type == JSON_ARRAY)
		return find_item(value, token, end);
	if (value->type != JSON_OBJECT)
		return NULL;
	for (size_t i = 0; i < value->count; i++)
		if (token_is(token, end, &value->members[i]))
			return &value->members[i].value;
	return NULL;
}

const struct json_value *json_follow(const struct json_value *root, const char *pointer, bool *whole)
{
	const struct json_value *value = root;
	while (*pointer == '/') {
		const char *token = pointer + 1, *end = token + strcspn(token, "/");
		const struct json_value *next = find_token(value, token, end);
		if (!next)
			break;
		value = next;
		pointer = end;
	}
	*whole = *pointer == '\0';
	return value;
}
